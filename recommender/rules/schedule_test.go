package rules

import (
	"testing"
	"time"
)

func at(t *testing.T, zone, text string) int64 {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	v, err := time.ParseInLocation("2006-01-02 15:04:05", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return v.UnixMilli()
}

func TestSchedulesHoldFromTheirStartToBeforeTheirEnd(t *testing.T) {
	s := Schedule{Starts: 1000, Ends: 2000}
	for now, want := range map[int64]bool{999: false, 1000: true, 1999: true, 2000: false} {
		if got := s.Holds(now); got != want {
			t.Errorf("at %d: %v, want %v", now, got, want)
		}
	}
}

func TestHoursOfTheWeekFollowTheirZone(t *testing.T) {
	office := []Weekly{{Days: []string{"mon", "tue", "wed", "thu", "fri"}, From: "09:00", To: "17:30"}}
	night := []Weekly{{Days: []string{"sun"}, From: "22:00", To: "06:00"}}
	for _, c := range []struct {
		weekly    []Weekly
		zone      string
		clock, in string
		want      bool
	}{
		{office, "Europe/Berlin", "2026-11-20 09:00:00", "Europe/Berlin", true},
		{office, "Europe/Berlin", "2026-11-20 08:59:59", "Europe/Berlin", false},
		{office, "Europe/Berlin", "2026-11-20 17:29:59", "Europe/Berlin", true},
		{office, "Europe/Berlin", "2026-11-20 17:30:00", "Europe/Berlin", false},
		{office, "Europe/Berlin", "2026-11-21 12:00:00", "Europe/Berlin", false}, // Saturday
		{office, "", "2026-11-20 08:30:00", "Europe/Berlin", false},              // 07:30 UTC
		{office, "", "2026-11-20 10:00:00", "Europe/Berlin", true},
		{night, "Europe/Berlin", "2026-11-22 23:00:00", "Europe/Berlin", true}, // Sunday
		{night, "Europe/Berlin", "2026-11-23 05:59:59", "Europe/Berlin", true}, // over the end of the week
		{night, "Europe/Berlin", "2026-11-23 06:00:00", "Europe/Berlin", false},
		{night, "Europe/Berlin", "2026-11-22 05:00:00", "Europe/Berlin", false},
		{[]Weekly{{From: "00:00", To: "24:00"}}, "Asia/Kolkata", "2026-11-22 23:59:59", "UTC", true},
	} {
		s := Schedule{Weekly: c.weekly, Zone: c.zone}
		if got := s.Holds(at(t, c.in, c.clock)); got != c.want {
			t.Errorf("%v in %q at %s %s: %v, want %v", c.weekly, c.zone, c.clock, c.in, got, c.want)
		}
	}
}

// In Berlin 02:00 to 03:00 is left out on 2026-03-29 and comes twice on 2026-10-25.
func TestHoursThatTheClockLeavesOutOrRepeats(t *testing.T) {
	s := Schedule{Zone: "Europe/Berlin", Weekly: []Weekly{{Days: []string{"sun"}, From: "02:00", To: "03:00"}}}
	count := func(from string) (minutes int) {
		start := at(t, "UTC", from)
		for m := range 24 * 60 {
			if s.Holds(start + int64(m)*60_000) {
				minutes++
			}
		}
		return minutes
	}
	if got := count("2026-03-28 23:00:00"); got != 0 {
		t.Errorf("in the night that leaves it out it holds for %d minutes", got)
	}
	if got := count("2026-10-24 22:00:00"); got != 120 {
		t.Errorf("in the night that repeats it it holds for %d minutes, want 120", got)
	}
	if got := count("2026-11-21 23:00:00"); got != 60 {
		t.Errorf("in another night it holds for %d minutes, want 60", got)
	}
}

func TestScheduledChangesWithTheTimeAlone(t *testing.T) {
	always := Rule{ID: "a", Action: Exclude, State: Running, Where: Where{Brands: []string{"x"}}}
	timed := always
	timed.ID, timed.When.Schedule = "t", Schedule{Starts: 100, Ends: 200}
	set := Compile([]Rule{always, timed})
	if !set.Timed() || Compile([]Rule{always}).Timed() || Compile(nil).Timed() {
		t.Error("Timed does not say which sets follow the time")
	}
	before, within, still, after := set.Scheduled(99), set.Scheduled(100), set.Scheduled(199), set.Scheduled(200)
	if before == within || within != still || after != before {
		t.Errorf("%v %v %v %v", before, within, still, after)
	}
}
