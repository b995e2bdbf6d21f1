"""Small text files that people write: read whole, UTF-8 with or without a byte order mark."""

from pathlib import Path

from analysis.errors import AnalysisError

LIMIT_BYTES = 256 * 2**20


def read_text(path: Path, *, what: str, error: type[AnalysisError]) -> str:
    """Read a text file, or say what is wrong with it.

    Args:
        path: The file.
        what: What the file is to the reader of the message, such as "class list".
        error: The class of the error to raise.

    Returns:
        The text without a byte order mark; line ends as they are in the file.

    Raises:
        AnalysisError: Of class `error`, if the file is missing, a directory, not readable, too large or not UTF-8.
    """
    try:
        if path.is_file() and path.stat().st_size > LIMIT_BYTES:
            raise error(f"The {what} {path} has {path.stat().st_size / 2**20:,.0f} MB; expected a small text file.")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise error(
            f"The {what} {path} does not exist. Check the path; relative paths start from the file that names them."
        ) from None
    except IsADirectoryError:
        raise error(f"The {what} {path} is a directory; expected a file.") from None
    except UnicodeDecodeError as cause:
        raise error(f"The {what} {path} is not UTF-8 text (byte {cause.start}). Save it again as UTF-8.") from None
    except (OSError, ValueError) as cause:
        reason = getattr(cause, "strerror", None) or str(cause)
        raise error(f"The {what} {path} cannot be read: {reason}.") from None
