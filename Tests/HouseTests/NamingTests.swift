import Testing

@Suite struct NamingTests {
    @Test func namesSayWhatAThingIsFor() throws {
        let sources = try Repository.swift(below: "Sources") + Repository.swift(below: "Tests")
        let complaints = sources.flatMap(NamingRules.names)
        #expect(complaints == [])
    }

    @Test(arguments: [
        "struct CacheManager {}", "enum HTTPUtils {}", "final class DataReader {}", "protocol Base {}",
    ])
    func seesATypeNamedAfterNothing(_ text: String) {
        #expect(NamingRules.names(Source(path: "Sources/Core/A.swift", text: text)).count == 1)
    }

    @Test func seesAFileAndAFolderNamedAfterNothing() {
        #expect(NamingRules.names(Source(path: "Sources/Core/Helpers/A.swift", text: "")).count == 1)
        #expect(NamingRules.names(Source(path: "Sources/Core/Purl+Info.swift", text: "")).count == 1)
    }

    @Test func letsWordsBeThatOnlyContainThem() {
        let text = "struct Database {}\nstruct Base64 {}\nstruct Basement {}\nenum Information {}\nlet data = 1\n"
        #expect(NamingRules.names(Source(path: "Sources/Core/A.swift", text: text)) == [])
        #expect(NamingRules.words("HTTPDataReader+Info") == ["http", "data", "reader", "info"])
    }
}
