import JSONText
import Testing

@Suite struct JSONConformanceTests {
    static let folder = "JSONTestSuite/test_parsing"

    /// The grammar takes these and we do not: two readers would see two documents.
    static let duplicates = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    static func cases(_ prefix: String) throws -> [String] {
        try Fixture.names(in: folder).filter { $0.hasPrefix(prefix) }
    }

    @Test func takesEveryTextThatMustBeTakenButForDuplicateKeys() throws {
        let cases = try Self.cases("y_")
        #expect(cases.count == 95)
        for name in cases {
            let bytes = try Fixture.bytes("\(Self.folder)/\(name)")
            if Self.duplicates.contains(name) {
                #expect(throws: JSONError.self, "\(name)") { try JSON(parsing: bytes) }
                #expect(throws: JSONError.self, "\(name)") { try JSONDocument(bytes) }
            } else {
                #expect(try JSON(parsing: bytes) == JSONDocument(bytes).root.value, "\(name)")
            }
        }
    }

    @Test func refusesEveryTextThatMustBeRefused() throws {
        let cases = try Self.cases("n_")
        #expect(cases.count == 188)
        for name in cases {
            let bytes = try Fixture.bytes("\(Self.folder)/\(name)")
            #expect(throws: JSONError.self, "\(name)") { try JSON(parsing: bytes) }
            #expect(throws: JSONError.self, "\(name)") { try JSONDocument(bytes) }
        }
    }

    @Test func bothReadersAgreeOnTextsThatMayBeEither() throws {
        let cases = try Self.cases("i_")
        #expect(cases.count == 35)
        for name in cases {
            let bytes = try Fixture.bytes("\(Self.folder)/\(name)")
            guard let value = try? JSON(parsing: bytes) else { continue }
            #expect(try JSONDocument(bytes).root.value == value, "\(name)")
        }
    }

    @Test func printsTheCanonicalFormOfRFC8785() throws {
        let cases = try Fixture.names(in: "jcs/input")
        #expect(cases.count == 6)
        for name in cases {
            let value = try JSON(parsing: Fixture.bytes("jcs/input/\(name)"))
            #expect(value.canonicalBytes() == (try Fixture.bytes("jcs/output/\(name)")), "\(name)")
        }
    }

    @Test(arguments: [
        ("1e21", "1e+21"), ("1e20", "100000000000000000000"), ("1e-6", "0.000001"), ("1e-7", "1e-7"), ("-0.0", "0"),
        ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308"), ("-4.5", "-4.5"), ("0.1", "0.1"),
        ("333333333.33333329", "333333333.3333333"), ("9007199254740993", "9007199254740992"),
        ("123456.789", "123456.789"),
        ("295147905179352830000", "295147905179352830000"), ("1e23", "1e+23"), ("0.00001234", "0.00001234"),
    ])
    func printsNumbersAsECMAScriptDoes(number: String, text: String) throws {
        let number = try #require(Double(number))
        #expect(String(decoding: JSON.real(number).canonicalBytes(), as: UTF8.self) == text)
    }
}
