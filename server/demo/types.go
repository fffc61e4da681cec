package demo

// Category is a department of the shop.
type Category struct {
	ID, Name, Text string
}

var categories = []Category{
	{"kitchen", "Kitchen", "Kettles, pans and everything that steams, pours and simmers."},
	{"lighting", "Lighting", "Lamps for reading, for dinner and for the corner that was always dark."},
	{"living", "Living", "Soft, round and quiet things for the room where you stay."},
	{"bath", "Bath", "Towels that dry and baskets that hide the rest."},
	{"desk", "Desk", "For work that starts with a clear table."},
	{"outdoor", "Outdoor", "Carry it, pitch it, fill it, and stay until it is dark."},
	{"garden", "Garden", "For balconies, window sills and the odd robin."},
}

// kind is a type of product; there is one item of each kind in every series.
type kind struct {
	id, name, category string
	price              int64    // minor units, of the middle of the range
	demand             float64  // how often it is looked for, 1 is usual
	goes               []string // kinds that are bought with it
	text               string
}

var kinds = []kind{
	{"kettle", "Kettle", "kitchen", 5990, 1.3, []string{"mug", "canister"}, "Boils a litre and a half and pours without a drip."},
	{"mug", "Mug", "kitchen", 1490, 1.8, []string{"canister", "kettle", "bowl"}, "Holds 350 ml, keeps them warm, and forgives the dishwasher."},
	{"carafe", "Carafe", "kitchen", 3490, 0.8, []string{"bowl", "bottle"}, "One litre of water, lemonade or a dressing, with a lid of cork."},
	{"pan", "Pan", "kitchen", 7490, 1.0, []string{"bowl", "canister"}, "28 cm of cast iron that gets better every year."},
	{"bowl", "Bowl", "kitchen", 2890, 1.2, []string{"mug", "carafe"}, "For fruit on the table or salad for four."},
	{"canister", "Canister", "kitchen", 2290, 0.9, []string{"mug", "kettle"}, "Keeps tea, coffee and biscuits under a lid of ash."},
	{"tablelamp", "Table Lamp", "lighting", 8990, 1.1, []string{"notebook", "cushion"}, "A linen shade and warm light, dimmed by a pull of the cord."},
	{"pendant", "Pendant Lamp", "lighting", 11900, 0.9, []string{"bowl", "floorlamp"}, "Hangs low over the table and lights only what matters."},
	{"floorlamp", "Floor Lamp", "lighting", 15900, 0.7, []string{"armchair", "throw"}, "Leans over the armchair and stays out of the way."},
	{"lantern", "Lantern", "lighting", 4490, 0.9, []string{"tent", "planter", "throw"}, "A candle behind glass, at home on steps and tables."},
	{"cushion", "Cushion", "living", 3290, 1.4, []string{"throw", "armchair"}, "50 by 50 cm, filled with wool, the cover washes at 40°."},
	{"throw", "Throw", "living", 6990, 1.2, []string{"cushion", "lantern"}, "Woven from lamb's wool, wide enough for two."},
	{"vase", "Vase", "living", 3990, 1.1, []string{"planter", "tablelamp"}, "Thrown by hand, so that no two lean the same way."},
	{"clock", "Clock", "living", 4990, 0.8, []string{"notebook", "tablelamp"}, "Moves without a tick. One AA battery lasts two years."},
	{"armchair", "Armchair", "living", 44900, 0.5, []string{"cushion", "throw", "floorlamp"}, "Deep, low and covered in wool felt, on legs of oak."},
	{"towel", "Towel Set", "bath", 4290, 1.2, []string{"dispenser", "basket"}, "Three towels of long cotton that get softer with every wash."},
	{"dispenser", "Soap Dispenser", "bath", 2490, 0.9, []string{"towel"}, "Stoneware with a steel pump, for soap or for lotion."},
	{"basket", "Basket", "bath", 3790, 0.8, []string{"towel", "throw"}, "Rope and leather, for laundry, toys or firewood."},
	{"notebook", "Notebook", "desk", 1690, 1.4, []string{"pencup", "headphones"}, "160 dotted pages that lie flat, and a ribbon to find them again."},
	{"pencup", "Pen Cup", "desk", 1890, 0.7, []string{"notebook"}, "Keeps pens, brushes and the one pair of scissors in one place."},
	{"headphones", "Headphones", "desk", 17900, 1.0, []string{"notebook", "backpack"}, "Thirty hours of music and, on demand, of silence."},
	{"backpack", "Backpack", "outdoor", 8990, 1.2, []string{"bottle", "tent"}, "22 litres of waxed cotton with room for a 15-inch laptop."},
	{"bottle", "Bottle", "outdoor", 2990, 1.6, []string{"backpack", "coolbox"}, "Keeps tea hot for twelve hours and water cold for twenty-four."},
	{"tent", "Tent", "outdoor", 27900, 0.6, []string{"lantern", "coolbox", "backpack"}, "Stands in four minutes and sleeps two, in any weather."},
	{"coolbox", "Cool Box", "outdoor", 9490, 0.7, []string{"bottle", "tent"}, "Twenty litres, and ice that lasts until Sunday."},
	{"planter", "Planter", "garden", 3190, 1.1, []string{"wateringcan", "vase"}, "Waters itself for ten days from the tank in its foot."},
	{"wateringcan", "Watering Can", "garden", 3690, 0.9, []string{"planter", "birdhouse"}, "Two litres and a long spout that finds every leaf."},
	{"birdhouse", "Bird House", "garden", 2690, 0.7, []string{"wateringcan", "lantern"}, "Larch, screwed not glued, with a door to clean it in autumn."},
}
