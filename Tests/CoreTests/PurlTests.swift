import Core
import Foundation
import Testing

@Suite struct PurlTests {
    /// One case of the specification's own suite.
    struct Case: Decodable {
        struct Parts: Decodable, Equatable {
            var type: String?
            var namespace: String?
            var name: String?
            var version: String?
            var qualifiers: [String: String]?
            var subpath: String?
        }

        /// A text or parts, whichever the kind of test takes.
        enum Value: Decodable {
            case text(String)
            case parts(Parts)

            init(from decoder: any Decoder) throws {
                if let text = try? decoder.singleValueContainer().decode(String.self) {
                    self = .text(text)
                } else {
                    self = .parts(try decoder.singleValueContainer().decode(Parts.self))
                }
            }
        }

        let description: String
        let test_type: String
        let input: Value
        let expected_output: Value?
        let expected_failure: Bool
    }

    struct Suite: Decodable { let tests: [Case] }

    static func cases() throws -> [Case] {
        let types = try Fixture.names(in: "purl-spec/types").filter { $0.hasSuffix("-test.json") }
        return try (["spec/specification-test.json"] + types.map { "types/\($0)" }).flatMap { path in
            try JSONDecoder().decode(Suite.self, from: Fixture.data("purl-spec/\(path)")).tests
        }
    }

    @Test func passesEveryCaseOfTheSpecification() throws {
        let cases = try Self.cases()
        #expect(cases.count == 586)
        for item in cases {
            let outcome = try? Self.outcome(of: item)
            switch (item.expected_failure, item.expected_output) {
            case (true, _): #expect(outcome == nil, "\(item)")
            case (false, .text(let text)): #expect(outcome?.description == text, "\(item)")
            case (false, .parts(let parts)): #expect(outcome.map(Self.parts) == parts, "\(item)")
            case (false, nil): Issue.record("no expectation: \(item)")
            }
        }
    }

    private static func outcome(of item: Case) throws -> Purl {
        switch item.input {
        case .text(let text): return try Purl(parsing: text, isTolerant: item.test_type == "validate")
        case .parts(let parts):
            return try Purl(
                type: parts.type ?? "",
                namespace: parts.namespace,
                name: parts.name ?? "",
                version: parts.version,
                qualifiers: parts.qualifiers ?? [:]
            ).with(subpath: parts.subpath).normalized()
        }
    }

    private static func parts(_ purl: Purl) -> Case.Parts {
        Case.Parts(
            type: purl.type,
            namespace: purl.namespace,
            name: purl.name,
            version: purl.version,
            qualifiers: purl.qualifiers.isEmpty ? nil : purl.qualifiers,
            subpath: purl.subpath
        )
    }

    @Test(arguments: ["Zope.Interface", "zope_interface", "zope-._interface"])
    func namesOneProjectOnceInEverySpelling(name: String) throws {
        #expect(try Purl(parsing: "pkg:pypi/\(name)").name == "zope-interface")
    }

    /// Otherwise two purls with one canonical text would differ, and a rule for one would miss the other.
    @Test func hasNoEmptySegmentHoweverItsSlashesAreSpelled() throws {
        let plain = try Purl(parsing: "pkg:github/acme/tool")
        let odd = try Purl(parsing: "pkg:github/%2Facme%2F%2F/tool")
        #expect(odd == plain && odd.registryKey == plain.registryKey)
        #expect(throws: Malformed.self) { try Purl(type: "github", namespace: "//", name: "").normalized() }
    }

    @Test func keepsEpochsAndLocalVersionsReadable() throws {
        let purl = Purl(type: "pypi", name: "torch", version: "1!2.3.0+cu118")
        #expect(purl.description == "pkg:pypi/torch@1%212.3.0%2Bcu118")
        #expect(try Purl(parsing: purl.description) == purl)
    }

    @Test(arguments: [
        "pkg:pypi/%zz", "pkg:pypi/x?a=1&a=2", "pkg:/", "pkg:", "", "pkg:npm/", "pkg:npm/%ff", "pkg:npm//@",
    ])
    func refusesNoise(text: String) {
        #expect(throws: Malformed.self) { try Purl(parsing: text) }
    }

    @Test func neverCrashesOnNoise() {
        let alphabet = Array("pkg:/@?#=&%2F.-_ü\u{0}A0")
        var state: UInt64 = 7
        for _ in 0..<5_000 {
            var text = "pkg:"
            for _ in 0..<20 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            if let purl = try? Purl(parsing: text) {
                #expect((try? Purl(parsing: purl.description)) == purl, "\(text)")
            }
        }
    }
}
