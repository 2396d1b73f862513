package main

import (
	"fmt"

	"github.com/pmezard/go-difflib/difflib"
)

func main() {
	fmt.Println("go", len(difflib.SplitLines("a\nb")))
}
