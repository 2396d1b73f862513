import JSONText
import Testing

@Suite struct JSONStrictnessTests {
    @Test(arguments: [
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"{"x":{"b":1,"c":2,"b":3}}"#, "[1,]", #"{"a":1,}"#, "NaN",
        "Infinity", "[1] x",
        "\u{FEFF}{}", #""\ud800""#, #""\udc00""#, "", "[", "01", "1.", "-", "[1 2]", "{1:2}", "'a'", "1e999", "-1e999",
        "tru", "nulll", "\"\t\"", #"{"K":1,"\u212a":2}"#, "{\"\u{E9}\":1,\"e\u{301}\":2}",
    ])
    func bothReadersRefuse(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: Array(text.utf8)) }
        #expect(throws: JSONError.self) { try JSONDocument(Array(text.utf8)) }
    }

    @Test func refusesDuplicatesAmongManyKeys() throws {
        let members = (0..<500).map { #""key\#($0)":\#($0)"# }
        let good = "{" + members.joined(separator: ",") + "}"
        let bad = "{" + members.joined(separator: ",") + #","key77":1}"#
        #expect(try JSONDocument(Array(good.utf8)).root["key499"]?.integer == 499)
        #expect(throws: JSONError.self) { try JSONDocument(Array(bad.utf8)) }
        #expect(throws: JSONError.self) { try JSON(parsing: Array(bad.utf8)) }
    }

    @Test func refusesDeepNestingBeforeBuildingAnything() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 200_000)
        #expect(throws: JSONError.self) { try JSON(parsing: deep) }
        #expect(throws: JSONError.self) { try JSONDocument(deep) }
        let limits = JSONLimits(depth: .max)
        #expect(throws: JSONError.self) { try JSON(parsing: deep, limits: limits) }
        #expect(throws: JSONError.self) { try JSONDocument(deep, limits: limits) }
    }

    @Test func takesNestingUpToTheLimit() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try JSON(parsing: nested(128)) == JSONDocument(nested(128)).root.value)
        #expect(throws: JSONError.self) { try JSON(parsing: nested(129)) }
        #expect(throws: JSONError.self) { try JSONDocument(nested(129)) }
        let noise = Array(#"["[[[[[\"[[[[", "]]]"]"#.utf8)
        #expect(try JSON(parsing: noise, limits: JSONLimits(depth: 1)).array?.count == 2)
    }

    @Test func refusesLongerTextsThanTheLimit() {
        #expect(throws: JSONError.self) { try JSON(parsing: Array("[1,2]".utf8), limits: JSONLimits(bytes: 4)) }
        #expect(throws: JSONError.self) { try JSONDocument(Array("[1,2]".utf8), limits: JSONLimits(bytes: 4)) }
    }

    @Test func integersOutsideSixtyFourBitsAreRefusedInValuesOnly() throws {
        let bytes = Array("[9223372036854775807,-9223372036854775808,9223372036854775808]".utf8)
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
        let numbers = try JSONDocument(bytes).root.elements.map(\.integer)
        #expect(numbers == [.max, .min, nil])
        #expect(throws: JSONError.self) { try JSON(parsing: Array(#"["\u0000",9223372036854775808]"#.utf8)) }
    }

    @Test func saysWhereTheTextIsWrong() throws {
        let bytes = Array("{\n  \"a\": 1,\n  \"b\": x\n}".utf8)
        let error = try #require(throws: JSONError.self) { try JSONDocument(bytes) }
        #expect(error.line == 3)
        #expect(error.column == 8)
        #expect(error.offset == 19)
        let other = try #require(throws: JSONError.self) { try JSON(parsing: bytes) }
        #expect(other.line == 3)
    }

    @Test func escapesWhatMustBeEscapedAndNothingElse() throws {
        let text = "\u{0}\u{1F}\"\\/\u{8}\t\n\u{C}\r\u{7F}é😂"
        let quoted = JSON.quoted(text)
        #expect(String(decoding: quoted, as: UTF8.self) == #""\u0000\u001f\"\\/\b\t\n\f\r"# + "\u{7F}é😂\"")
        #expect(try JSON(parsing: quoted) == .string(text))
        #expect(try JSONDocument(quoted).root.string == text)
    }

    @Test func printsPrettyTextThatReadsBack() throws {
        let value: JSON = ["b": [1, 2.5, [], [:]], "a": ["x": true, "y": .null]]
        let pretty = """
            {
              "a": {
                "x": true,
                "y": null
              },
              "b": [
                1,
                2.5,
                [],
                {}
              ]
            }

            """
        #expect(String(decoding: value.prettyBytes(), as: UTF8.self) == pretty)
        #expect(try JSON(parsing: value.prettyBytes()) == value)
    }

    @Test func readersAgreeOnNoise() throws {
        var random = Noise(seed: 7)
        let alphabet = Array(#"{}[]",:0123456789eE+-.truefalsn\u "#.utf8) + [0xC3, 0xA9, 0x0A, 0x00, 0xED, 0xA0, 0x80]
        let seeds = [#"{"a":[1,2,{"b":null}],"c":"\u00e9\n"}"#, #"[true,false,1.5e3,"x",{}]"#].map { Array($0.utf8) }
        for _ in 0..<20_000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let value = try? JSON(parsing: bytes)
            let document = (try? JSONDocument(bytes))?.root.value
            #expect(value == document, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}
