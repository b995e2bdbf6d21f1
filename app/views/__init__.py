"""Pages, one a file; navigation.py lists them and Streamlit runs each as a script of its own.

A page file defines `page()` and ends with ``if __name__ == "__main__": page()``. It starts with
``run = state.current_run()``, asks `app.queries`, draws with `app.charts` and `app.widgets`, and never catches errors
itself: the boundary in navigation.py shows them. Long lists go through a pager; anything slow goes into a fragment.
"""
