"""One line on every term, for the help that shows on hover."""

TERMS = {
    "accuracy": "Share of validation samples whose predicted class equals the label.",
    "old": "Samples whose label is a class the model knew before it was expanded.",
    "new": "Samples whose label is a class that the expansion added.",
    "chance": "Accuracy of guessing one of the classes at random.",
    "baseline": "Accuracy of the model before the expansion, on the old classes it knew.",
    "if_fixed": "Accuracy once every measured fault is undone; fitted on one half of the samples, scored on the other.",
    "ladder": (
        "Each bar is what one fix gives back once the fixes before it are in place. Hatched bars are ceilings: at most "
        "this much. What stays above the last bar is not explained by any test."
    ),
    "interval": "95 % interval: the same measurement on other samples of this kind would lie in it 95 times in 100.",
    "cluster": "A group of similar pictures, found without looking at labels, in which the model fails more often.",
    "excess": "Errors in the group beyond those that its classes' own error rates elsewhere would explain.",
    "excess_low": "Lower 95 % bound of the excess, all groups together counted as tests; the ranking goes by it.",
    "stability": (
        "How much of the group is found again (best Jaccard overlap, mean) when 80 % of the samples are drawn and "
        "clustered anew, also on other maps. 0.75 and more: solid. Below 0.5: read it with care."
    ),
    "lift": "How many times as frequent a value is inside as among all samples, with its 95 % interval.",
    "slice_lift": "Errors in it, against those that the same classes would have elsewhere.",
    "slice_excess": "Errors beyond those that the same classes would have elsewhere, of all samples, with 95 % bounds.",
    "slice_held_out": "Excess on the half that did not suggest the slice: what it was found by cannot prove it.",
    "slice_holds": (
        "Found on one half and confirmed on the other: p ≤ 0.05 with all candidates counted, and a quarter worse for "
        "certain. Own slices: the same over all samples, all own ones counted."
    ),
    "duplicate_share": "Members of which a copy or near copy is in the same group: one picture counted several times.",
    "in_none": "No dense group has them. They are not dropped: their errors count everywhere else.",
    "trustworthiness": (
        "Whether samples that stand together on the map are also together in the space the network sees them in: "
        "1 = always, 0.5 = no more than by chance. A plane cannot show everything: do not read distances between "
        "groups, and look at the lines to a sample's true neighbours."
    ),
    "evidence": "The numbers a test looked at. A value is held against its threshold; n samples stand behind it.",
    "kind_exact": "Undone by calculation: nothing was fitted to the samples.",
    "kind_fit": "Fitted on one half of the samples, scored on the other, and the other way round.",
    "kind_rerun": "The pictures went through the network again with the fault undone.",
    "look_alikes": (
        "Causes with the same symptoms and what their own tests say: how each was excluded, or that it was not."
    ),
    "gain_alone": "What this fix would give back if it were the only one.",
    "explained_by": "This looked like a fault of its own, but nothing is left of it once the named fault is undone.",
}
