package history

import "encoding/binary"

// StripPlan returns a record of the plan log without the sessions that match, with everything else as it was, its name first of all, and
// how many those were. Records without a match, and those that hold no sessions, come back as they are.
func StripPlan(payload string, match func(site, visitor string) bool) (stripped string, removed int, err error) {
	return stripSessions(payload, func(s *plannedSession) bool { return match(s.Site, s.Visitor) })
}

// stripSessions is StripPlan for a match that sees the whole session.
func stripSessions(payload string, match func(s *plannedSession) bool) (stripped string, removed int, err error) {
	var sessions string
	switch planType(payload) {
	case planBatch:
		_, sessions, err = decodePlan(payload)
	case planPart:
		sessions, err = decodePart(payload)
	default:
		return payload, 0, nil
	}
	if err != nil {
		return payload, 0, err
	}
	r := openSessions(sessions)
	kept := r.left
	dst := append(make([]byte, 0, len(payload)), payload[:len(payload)-len(sessions)]...)
	dst = binary.AppendUvarint(dst, uint64(len(r.sites)))
	for _, s := range r.sites {
		dst = appendText(dst, s)
	}
	var body []byte
	var s plannedSession
	for r.next(&s) {
		if match(&s) {
			removed++
			continue
		}
		body = append(body, s.raw...)
	}
	if err := r.err(payload[0]); err != nil {
		return payload, 0, err
	}
	if removed == 0 {
		return payload, 0, nil
	}
	dst = binary.AppendUvarint(dst, uint64(kept-removed))
	return string(append(dst, body...)), removed, nil
}
