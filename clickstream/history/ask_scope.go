package history

import (
	"context"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// All text of statements stands in this package; what an ask brings goes as typed parameters only. Subqueries and joins are GLOBAL, so
// that they hold over a cluster's shards as well; on one server the word goes, because a subquery that is GLOBAL cannot filter before other
// columns are read.

// dayMs is a day; days are UTC's.
const dayMs = 86_400_000

// millis is a column of time as Unix ms, instant the way back of an Int64 expression.
const millis = "toUnixTimestamp64Milli(time)"

func instant(expr string) string { return "fromUnixTimestamp64Milli(" + expr + ", 'UTC')" }

// wheres are conditions that all hold.
type wheres []string

func (w wheres) String() string { return strings.Join(w, " AND ") }

// rows is the scope's conditions on a table with site, time, visitor_hash, machine and, but for impressions, device.
func (in *inquiry) rows() wheres { return in.span("range", in.scope.From, in.scope.To) }

// span is rows with another range, whose parameters are named after it.
func (in *inquiry) span(name string, from, to int64) wheres {
	w := in.between(name, from, to)
	if in.scope.Device != "" {
		in.params["device"] = in.scope.Device
		w = append(w, "device = {device:String}")
	}
	if !in.scope.Machines {
		w = append(w, "NOT machine")
	}
	return append(w, in.visitors()...)
}

func (in *inquiry) between(name string, from, to int64) wheres {
	in.params[name+"_from"], in.params[name+"_to"] = from, to
	return wheres{"site = {site:String}", "time >= " + instant("{"+name+"_from:Int64}"), "time < " + instant("{"+name+"_to:Int64}")}
}

// visitors is the scope's conditions on visitor_hash: its source and its share.
func (in *inquiry) visitors() wheres {
	var w wheres
	if in.oneIn > 1 {
		in.params["share"] = uint64(math.MaxUint64) / uint64(in.oneIn)
		w = append(w, "visitor_hash < {share:UInt64}")
	}
	if in.scope.Only != nil {
		w = append(w, "visitor_hash IN {only:Array(UInt64)}")
	}
	if in.scope.Source != "" {
		in.params["source"] = in.scope.Source
		if in.scope.Source == direct {
			w = append(w, "visitor_hash GLOBAL NOT IN (SELECT visitor_hash FROM "+in.events()+" WHERE "+in.touched().String()+")")
		} else {
			w = append(w, "visitor_hash GLOBAL IN (SELECT visitor_hash FROM ("+in.touches()+") WHERE touch = {source:String})")
		}
	}
	return w
}

// direct is the source of an event that comes from the site itself or from nowhere.
const direct = "direct"

func (in *inquiry) touched() wheres {
	w := append(in.between("range", in.scope.From, in.scope.To), "source != '"+direct+"'")
	if in.oneIn > 1 {
		w = append(w, "visitor_hash < {share:UInt64}")
	}
	return w
}

// touches is a subquery of visitors that did not only come directly, with their source as touch.
func (in *inquiry) touches() string {
	return "SELECT visitor_hash, argMin(source, (time, seq)) AS touch FROM " + in.events() + " WHERE " + in.touched().String() + " GROUP BY visitor_hash"
}

// sampledOneIn is the share of visitors whose events stand in the table sampled: those with a hash below 2^64/16.
const sampledOneIn = 16

// events is the table with the events of the visitors that are looked at. sampled has fewer columns.
func (in *inquiry) events() string {
	if in.oneIn >= sampledOneIn {
		return "sampled"
	}
	return "events"
}

// thin chooses how many visitors a Fast ask looks at, from the number of events with these names in the range; none means all names.
// It must come before rows.
func (in *inquiry) thin(ctx context.Context, before int64, names ...string) error {
	if in.scope.Only != nil { // few visitors are looked at anyway
		in.nameOnly()
		return nil
	}
	if !in.scope.Fast {
		return nil
	}
	in.params["first_day"], in.params["last_day"] = (in.scope.From-before)/dayMs, (in.scope.To-1)/dayMs
	text := "SELECT sum(events) FROM daily WHERE site = {site:String} AND day BETWEEN toDate({first_day:Int32}) AND toDate({last_day:Int32})"
	if len(names) > 0 {
		in.params["thin_names"] = names
		text += " AND name IN {thin_names:Array(String)}"
	}
	var events uint64
	err := in.each(ctx, text, func(rows driver.Rows) error { return rows.Scan(&events) })
	if err != nil {
		return err
	}
	if over := events * max(in.weight, 1) / uint64(in.cfg.FastRows); over > 0 {
		in.oneIn = min(max(int64(1)<<bits.Len64(over), sampledOneIn), 1<<16)
	}
	return nil
}

// days says whether the range is whole UTC days, which rollups can answer.
func (in *inquiry) days() bool { return in.scope.From%dayMs == 0 && in.scope.To%dayMs == 0 }

// ratio is part of whole, 0 of nothing.
func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// nameOnly chooses which of Scope.Only are named: all, or those of one visitor in two, four … that are few enough.
func (in *inquiry) nameOnly() {
	named := slices.Clone(in.scope.Only)
	for len(named) > in.cfg.Only && in.oneIn < 1<<40 {
		in.oneIn *= 2
		share := uint64(math.MaxUint64) / uint64(in.oneIn)
		named = slices.DeleteFunc(named, func(hash uint64) bool { return hash >= share })
	}
	if len(named) == 0 {
		named = []uint64{0} // a list must have something; nobody has this one
	}
	in.params["only"] = named
}
