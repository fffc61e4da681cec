package demo

import "beckon/web/text"

// Category is a department of the shop. What pages call it and say of it is in the messages shop.category_ and shop.department_.
type Category struct{ ID string }

func (c *Category) name(p *text.Printer) string { return p.T("shop.category_" + c.ID) }
func (c *Category) text(p *text.Printer) string { return p.T("shop.department_" + c.ID) }

var categories = []Category{
	{"kitchen"},
	{"lighting"},
	{"living"},
	{"bath"},
	{"desk"},
	{"outdoor"},
	{"garden"},
}

// kind is a type of product; there is one item of each kind in every series. Messages name it in the plural
// (shop.kinds_) and describe it (shop.about_).
type kind struct {
	id, name, category string
	price              int64    // minor units, of the middle of the range
	demand             float64  // how often it is looked for, 1 is usual
	goes               []string // kinds that are bought with it
}

var kinds = []kind{
	{"kettle", "Kettle", "kitchen", 5990, 1.3, []string{"mug", "canister"}},
	{"mug", "Mug", "kitchen", 1490, 1.8, []string{"canister", "kettle", "bowl"}},
	{"carafe", "Carafe", "kitchen", 3490, 0.8, []string{"bowl", "bottle"}},
	{"pan", "Pan", "kitchen", 7490, 1.0, []string{"bowl", "canister"}},
	{"bowl", "Bowl", "kitchen", 2890, 1.2, []string{"mug", "carafe"}},
	{"canister", "Canister", "kitchen", 2290, 0.9, []string{"mug", "kettle"}},
	{"tablelamp", "Table Lamp", "lighting", 8990, 1.1, []string{"notebook", "cushion"}},
	{"pendant", "Pendant Lamp", "lighting", 11900, 0.9, []string{"bowl", "floorlamp"}},
	{"floorlamp", "Floor Lamp", "lighting", 15900, 0.7, []string{"armchair", "throw"}},
	{"lantern", "Lantern", "lighting", 4490, 0.9, []string{"tent", "planter", "throw"}},
	{"cushion", "Cushion", "living", 3290, 1.4, []string{"throw", "armchair"}},
	{"throw", "Throw", "living", 6990, 1.2, []string{"cushion", "lantern"}},
	{"vase", "Vase", "living", 3990, 1.1, []string{"planter", "tablelamp"}},
	{"clock", "Clock", "living", 4990, 0.8, []string{"notebook", "tablelamp"}},
	{"armchair", "Armchair", "living", 44900, 0.5, []string{"cushion", "throw", "floorlamp"}},
	{"towel", "Towel Set", "bath", 4290, 1.2, []string{"dispenser", "basket"}},
	{"dispenser", "Soap Dispenser", "bath", 2490, 0.9, []string{"towel"}},
	{"basket", "Basket", "bath", 3790, 0.8, []string{"towel", "throw"}},
	{"notebook", "Notebook", "desk", 1690, 1.4, []string{"pencup", "headphones"}},
	{"pencup", "Pen Cup", "desk", 1890, 0.7, []string{"notebook"}},
	{"headphones", "Headphones", "desk", 17900, 1.0, []string{"notebook", "backpack"}},
	{"backpack", "Backpack", "outdoor", 8990, 1.2, []string{"bottle", "tent"}},
	{"bottle", "Bottle", "outdoor", 2990, 1.6, []string{"backpack", "coolbox"}},
	{"tent", "Tent", "outdoor", 27900, 0.6, []string{"lantern", "coolbox", "backpack"}},
	{"coolbox", "Cool Box", "outdoor", 9490, 0.7, []string{"bottle", "tent"}},
	{"planter", "Planter", "garden", 3190, 1.1, []string{"wateringcan", "vase"}},
	{"wateringcan", "Watering Can", "garden", 3690, 0.9, []string{"planter", "birdhouse"}},
	{"birdhouse", "Bird House", "garden", 2690, 0.7, []string{"wateringcan", "lantern"}},
}
