package main

func (n *node) overviewRoutes() []adminRoute { return nil }
func (n *node) liveRoutes() []adminRoute     { return nil }
func (n *node) ruleRoutes() []adminRoute     { return nil }
func (n *node) healthRoutes() []adminRoute   { return nil }
