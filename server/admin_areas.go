package main

func (n *node) overviewRoutes() []adminRoute { return nil }
func (n *node) liveRoutes() []adminRoute     { return nil }
