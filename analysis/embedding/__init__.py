"""One neighbour graph, the projection, the clusters and their ranking."""
