package offers

// shopperCounts is how many offers each shopper got from one campaign. Shards are copied before they change when an image has them.
type shopperCounts [64]*shopperShard

type shopperShard struct {
	epoch  uint32 // images of later epochs have it
	counts map[[16]byte]uint32
}

// shardOf keeps the shards in the order of their shoppers.
func shardOf(who [16]byte) int { return int(who[0] >> 2) }

func (c *shopperCounts) of(who [16]byte) int64 {
	if s := c[shardOf(who)]; s != nil {
		return int64(s.counts[who])
	}
	return 0
}

// edit is the shard of who, to be changed before the next image.
func (c *shopperCounts) edit(who [16]byte, epoch uint32) map[[16]byte]uint32 {
	i := shardOf(who)
	s := c[i]
	switch {
	case s == nil:
		s = &shopperShard{epoch, map[[16]byte]uint32{}}
		c[i] = s
	case s.epoch != epoch:
		clone := make(map[[16]byte]uint32, len(s.counts)+1)
		for who, n := range s.counts {
			clone[who] = n
		}
		s = &shopperShard{epoch, clone}
		c[i] = s
	}
	return s.counts
}

func (c *shopperCounts) len() int {
	n := 0
	for _, s := range c {
		if s != nil {
			n += len(s.counts)
		}
	}
	return n
}
