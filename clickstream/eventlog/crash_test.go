package eventlog

const crashChildEnv = "BECKON_EVENTLOG_CRASH_CHILD"

func crashChild(string) {}
