"""Opening a page as AppTest does it, with the parameters of a link."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

NAVIGATION = Path(__file__).parents[2] / "app" / "navigation.py"


def open_page(page: str, **link: object) -> AppTest:
    """Run a page once, as a browser does that opens a link with these parameters."""
    app = AppTest.from_file(NAVIGATION, default_timeout=120)
    for name, value in link.items():
        app.query_params[name] = str(value)
    app.switch_page(f"views/{page}.py")
    return app.run()


def words(app: AppTest) -> str:
    """Everything a page says in text elements and on its buttons, one a line."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.text, app.warning, app.error)
    said = [str(element.value) for kind in kinds for element in kind]
    return "\n".join([*said, *(button.label for button in app.button)])
