package history

import (
	"strings"

	"beckon/clickstream"
)

// ErasedVisitor is a visitor to take out of the history, with the place of its erase record.
type ErasedVisitor struct {
	clickstream.VisitorID
	At clickstream.Erasing
}

// ErasePlan returns a record of the plan log without what it holds of visitors: versions of their sessions from before their erase records,
// and reasons for refusing a row that name them. A record without any comes back as it is. It is never longer than before, as
// eventlog's Rewrite wants it.
func ErasePlan(payload string, visitors []ErasedVisitor) (string, error) {
	if planType(payload) == planAside {
		return eraseReasons(payload, visitors)
	}
	fresh, _, err := stripSessions(payload, func(s *plannedSession) bool {
		for i := range visitors {
			v := &visitors[i]
			if s.Visitor == v.Visitor && s.Site == v.Site && s.Version < v.At.Seq {
				return true
			}
		}
		return false
	})
	return fresh, err
}

func eraseReasons(payload string, visitors []ErasedVisitor) (string, error) {
	a, err := decodeAside(payload)
	if err != nil {
		return payload, err
	}
	changed := false
	for i := range a.rows {
		for k := range visitors {
			if strings.Contains(a.rows[i].reason, visitors[k].Visitor) {
				a.rows[i].reason, changed = "", true
			}
		}
	}
	if !changed {
		return payload, nil
	}
	return string(a.append(nil)), nil
}

// erase drops what is pending of an erased visitor. Its retractions are not kept either, because they name it: the rows go from ClickHouse
// by erasure.
func (p *pending) erase(e *clickstream.Erase) {
	kept := p.sessions[:0]
	clear(p.known)
	p.lastAt = -1
	for _, v := range p.sessions {
		if p.sites[v.site] == e.Site && clickstream.VisitorHash(v.visitor) == e.Visitor {
			p.bytes -= int(v.bytes)
			continue
		}
		p.known[sessionKey{v.visitor, v.start, v.site}] = int32(len(kept))
		kept = append(kept, v)
	}
	clear(p.sessions[len(kept):])
	p.sessions = kept
}
