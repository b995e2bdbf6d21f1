"""Which axes are searched for a run, and in which order."""

from analysis.reruns.axes import AXES
from analysis.reruns.axis import Axis
from analysis.reruns.network_facts import look_at_network
from analysis.reruns.sources import Sources
from analysis.reruns.subject import Subject
from analysis.reruns.variants_network import network_axes
from analysis.runs.run import Run
from analysis.spec.investigation import Investigation


def every_axis(run: Run, subject: Subject, spec: Investigation) -> tuple[Axis, ...]:
    """Axes of the network and of the preprocessing; looks at the network first and writes what it saw.

    Args:
        run: Inference is complete, and so is the baseline's.
        subject: Its model and pictures.
        spec: Where other weights are.
    """
    facts = look_at_network(run, subject)
    first, last = network_axes(facts, Sources.of(spec, run, subject.model))
    return (*first, *AXES, *last)
