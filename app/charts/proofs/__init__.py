"""Pictures that convince: the tables behind a finding as figures, one kind a file; pure like all charts."""
