"""What is printed: results on stdout, plain progress lines where stderr is no terminal."""

from analysis.terminal import print_findings, progress_on_stderr

FINDING = {
    "id": "logit_group_bias",
    "title": "New classes win",
    "verdict": "supported",
    "gain": 0.5,
    "summary": "[b]x[/b]",
}
ACCURACY = {"overall": 0.1, "old": 0.0, "new": 0.3, "chance": 0.1, "n": 800, "n_old": 500, "n_new": 300}


def test_progress_is_plain_lines_without_a_terminal(capsys):
    with progress_on_stderr() as progress:
        for done in range(0, 1001, 10):
            progress("inference", done, 1000)

    out, err = capsys.readouterr()
    assert out == ""
    assert 5 <= len(err.splitlines()) <= 12
    assert err.splitlines()[-1].startswith("inference: 1,000 of 1,000")


def test_findings_name_the_leading_cause_and_take_text_as_text(capsys):
    findings = {"accuracy": ACCURACY, "leading": "logit_group_bias", "findings": [FINDING]}

    print_findings(findings, "A title with [red]markup[/red]")

    out = capsys.readouterr().out
    assert "Leading cause: New classes win (logit_group_bias)" in out
    assert "[red]markup[/red]" in out
    assert "[b]x[/b]" in out
    assert "old 0.0% of 500" in out


def test_no_fault_is_said_plainly(capsys):
    accuracy = ACCURACY | {"old": None, "new": None}
    print_findings({"accuracy": accuracy, "leading": "no_fault", "findings": []}, "t")

    out = capsys.readouterr().out
    assert "No fault found" in out
    assert "old" not in out.splitlines()[1]
