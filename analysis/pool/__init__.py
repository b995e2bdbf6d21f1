"""Pictures beside the validation set, embedded once, and searched for more like these."""
