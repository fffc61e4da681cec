// The dashboard's scripts. They only add life: every page works without them.
