"""The only door to the library: everything a page knows about a run comes from here, and all caching is here.

Conventions, for every page:

* The current run is a `RunKey`, taken with `state.current_run()`; navigation.py has made sure that it exists. A key is
  the run's id (its folder's name under the runs root) and a version that moves whenever one of the run's files does, so
  a cached answer can never be stale.
* A cached function takes the key and small plain values, never a frame or an array: Streamlit hashes large ones by
  sample.
* Frames and arrays come back shared between people (`st.cache_resource`): read, never change them.
* What a run does not have (yet) is None or an empty frame; the page shows `widgets.states.pending` or `.not_here`.

`runs.py` finds, opens and reads runs. One more file a page holds that page's own questions.
"""
