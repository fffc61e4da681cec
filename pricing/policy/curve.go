package policy

// Point is the demand curve at one price: units a slot, with an 80 % band.
type Point struct {
	Price int64   `json:"price"`
	Rate  float64 `json:"rate"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
}
