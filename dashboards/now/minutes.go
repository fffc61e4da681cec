package now

// minutes is the counts of the last days by the minute, in hours that exist while something happened in them.
type minutes struct {
	ring   [hoursRing]*hour // hour h at h modulo the length
	newest int32            // hour since 1970
	last   *hour            // that was counted in last
}

// hour is 60 minutes.
type hour struct {
	number int32 // since 1970
	cells  [60]cell
}

// cell is one minute: see Counts, whose names these are.
type cell struct {
	events, machines, late             uint32
	visits, machineVisits              uint32
	views, carts, checkouts            uint32
	orders, refunds                    uint32
	looked, carted, checkedOut, bought uint32
}

const (
	// keepHours are the hours that are kept: eight days and the present one.
	keepHours = 8*24 + 1
	hoursRing = 256

	secondMs = 1000
	minuteMs = 60_000
	hourMs   = 3600_000
	dayMs    = 24 * hourMs

	// maxTime is where seconds since 1970 end that fit 32 bits: in the year 2106. What is said to be before 1970 or after counts nowhere.
	maxTime = int64(1<<32-1) * secondMs
)

// at is the minute of a time, nil if it is too long ago. It moves the newest hour.
func (m *minutes) at(t int64) *cell {
	number := int32(t / hourMs)
	h := m.last
	if h == nil || h.number != number {
		if h = m.hour(number); h == nil {
			return nil
		}
		m.last = h
	}
	return &h.cells[t/minuteMs%60]
}

// hour finds or makes an hour.
func (m *minutes) hour(number int32) *hour {
	if number > m.newest {
		m.advance(number)
	}
	if number <= m.newest-keepHours {
		return nil
	}
	h := m.ring[number&(hoursRing-1)]
	if h == nil {
		h = &hour{number: number}
		m.ring[number&(hoursRing-1)] = h
	}
	return h
}

// advance lets go of the hours that a newer one pushes out.
func (m *minutes) advance(number int32) {
	for h := max(m.newest-keepHours, number-keepHours-hoursRing) + 1; h <= number-keepHours; h++ {
		m.ring[h&(hoursRing-1)] = nil
	}
	m.newest, m.last = number, nil
}

func (m *minutes) find(number int32) *hour {
	if h := m.ring[number&(hoursRing-1)]; h != nil && h.number == number {
		return h
	}
	return nil
}

// to adds c to the counts.
func (c *cell) to(sum *Counts) {
	sum.Events += int64(c.events)
	sum.Machines += int64(c.machines)
	sum.Late += int64(c.late)
	sum.Visits += int64(c.visits)
	sum.MachineVisits += int64(c.machineVisits)
	sum.Views += int64(c.views)
	sum.Carts += int64(c.carts)
	sum.Checkouts += int64(c.checkouts)
	sum.Orders += int64(c.orders)
	sum.Refunds += int64(c.refunds)
	sum.Looked += int64(c.looked)
	sum.Carted += int64(c.carted)
	sum.CheckedOut += int64(c.checkedOut)
	sum.Bought += int64(c.bought)
}

// fields are c's numbers in the order in which a snapshot has them.
func (c *cell) fields() [14]*uint32 {
	return [14]*uint32{
		&c.events, &c.machines, &c.late, &c.visits, &c.machineVisits, &c.views, &c.carts, &c.checkouts, &c.orders, &c.refunds,
		&c.looked, &c.carted, &c.checkedOut, &c.bought,
	}
}
