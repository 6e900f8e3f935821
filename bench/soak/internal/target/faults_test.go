package target

import (
	"slices"
	"testing"
)

func TestOutlet(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault Fault
		want  []int
	}{
		{"sound", None, []int{1, 2, 3}},
		{"lost", Lost, []int{1, 3}},
		{"doubled", Doubled, []int{1, 2, 2, 3}},
		{"late", Late, []int{1, 3, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []int
			o := outlet[int]{
				t: &Target{faults: Faults{Message: func(nth int64) Fault {
					if nth == 2 {
						return tt.fault
					}
					return None
				}}},
				send: func(n int) { got = append(got, n) },
			}
			for n := 1; n <= 3; n++ {
				o.pass(n)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("pass of 1, 2, 3 = %v, want %v", got, tt.want)
			}
		})
	}
}
