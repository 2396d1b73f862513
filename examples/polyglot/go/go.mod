module example.test/greet

go 1.19

require github.com/pmezard/go-difflib v1.0.0
