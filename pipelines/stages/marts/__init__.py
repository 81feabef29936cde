"""The mart stage: what the dashboards show, computed once; what would come out the same is kept."""
