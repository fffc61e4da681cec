package eventlog_test

import (
	"beckon/clickstream"
	"beckon/clickstream/eventlog"
)

var _ clickstream.Log = (*eventlog.Log)(nil)
