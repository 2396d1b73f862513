import Core
import Ecosystems
import Foundation
import Testing

@Suite struct PyPIVersionTests {
    struct Vectors: Decodable {
        let sorted: [String]
        let invalid: [String]
        let normalized: [[String]]
    }

    static func vectors() throws -> Vectors {
        try JSONDecoder().decode(Vectors.self, from: Fixture.data("pep440/pep440.json"))
    }

    @Test func ordersVersionsAsPEP440Does() throws {
        let versions = try Self.vectors().sorted
        #expect(versions.count > 90)
        for (i, a) in versions.enumerated() {
            for (j, b) in versions.enumerated() {
                #expect(PyPI().compare(a, b)?.signum() == (i - j).signum(), "\(a) \(b)")
            }
        }
    }

    @Test func refusesWhatIsNoVersion() throws {
        for text in try Self.vectors().invalid { #expect(PyPI().compare(text, "1.0") == nil, "\(text)") }
    }

    @Test func readsEverySpellingAsItsNormalForm() throws {
        for pair in try Self.vectors().normalized {
            #expect(PyPI().compare(pair[0], pair[1]) == 0, "\(pair)")
            let file = "x-\(pair[1])-py3-none-any.whl"
            let url = try HTTPURL("https://files.pythonhosted.org/x")
            #expect(PyPI().candidates(forFile: file, at: url).map(\.version) == [pair[1]], "\(pair)")
        }
    }

    @Test(arguments: ["1.0a1", "1.0.dev1", "1.0rc2.post1", "2!1.0b3"])
    func knowsPrereleases(version: String) { #expect(PyPI().isPrerelease(version)) }

    @Test(arguments: ["1.0", "1.0.post1", "1.0+rc1", "x"])
    func knowsWhatIsNone(version: String) { #expect(!PyPI().isPrerelease(version)) }

    @Test func comparesNumbersOfAnyLength() {
        let long = String(repeating: "9", count: 500)
        #expect(PyPI().compare("1.\(long)", "1.1\(long)").map { $0 < 0 } == true)
        #expect(PyPI().compare(String(repeating: "9", count: 5_000), "1") == nil)
    }

    struct Containment: Decodable {
        struct Case: Decodable {
            struct Input: Decodable {
                let vers: String
                let version: String
            }
            let input: Input
            let expected_output: Bool
        }
        let tests: [Case]
    }

    /// The range algorithm of the VERS specification, over our order.
    private func contains(_ range: String, _ version: String) throws -> Bool {
        let constraints = try range.dropFirst("vers:pypi/".count).split(separator: "|").map { text in
            let comparator = String(text.prefix { "<>=!".contains($0) })
            let bound = try #require(text.dropFirst(comparator.count).removingPercentEncoding)
            return (comparator, try #require(PyPI().compare(version, bound), "\(bound)"))
        }
        if constraints.contains(where: { ["", "=", "<=", ">="].contains($0.0) && $0.1 == 0 }) { return true }
        if constraints.contains(where: { $0.0 == "!=" && $0.1 == 0 }) { return false }
        let bounds = constraints.filter { $0.0.hasPrefix("<") || $0.0.hasPrefix(">") }
        if bounds.isEmpty { return constraints.contains { $0.0 == "!=" } }
        if let first = bounds.first, first.0.hasPrefix("<"), first.1 < 0 { return true }
        if let last = bounds.last, last.0.hasPrefix(">"), last.1 > 0 { return true }
        return zip(bounds, bounds.dropFirst()).contains { low, high in
            low.0.hasPrefix(">") && high.0.hasPrefix("<") && low.1 > 0 && high.1 < 0
        }
    }

    @Test func agreesWithTheVERSSpecificationOnRanges() throws {
        let tests = try JSONDecoder()
            .decode(Containment.self, from: Fixture.data("vers-pypi/pypi_range_containment_test.json")).tests
        #expect(!tests.isEmpty)
        for test in tests {
            #expect(try contains(test.input.vers, test.input.version) == test.expected_output, "\(test.input)")
        }
    }
}
