"""The same pictures once more, under another preprocessing or another state of the network.

A variant is searched on few pictures, within a budget stated before; one that promises a gain is confirmed on every
sample, so that everything later can be judged on its answers.
"""
