import Core
import Ecosystems
import Exercise
import Foundation
import Testing

/// What the fuzzer drives, run over its seeds: every former finding among them.
@Suite struct CorpusTests {
    @Test(.timeLimit(.minutes(1)), arguments: Corpus.seeds)
    func keepsItsPromiseForEverySeed(_ seed: Corpus.Seed) throws { #expect(seed.exercise.run(try seed.bytes) == []) }

    @Test(arguments: Exercise.all.map(\.name))
    func everyReaderHasSeedsToStartFrom(name: String) {
        let count = Corpus.seeds.count { $0.exercise.name == name }
        #expect(count > 0, "add seeds in Tests/ExerciseTests/Fixtures/corpus/\(name); see docs/fuzzing.md")
    }

    @Test(arguments: Catalog.all.map(\.type))
    func everyEcosystemIsExercised(type: String) { #expect(Exercise.all.contains { $0.name == type }) }

    /// A seed that no request, index or lockfile comes of starts nowhere.
    @Test func seedsOfEcosystemsWithAnIndexReachIt() throws {
        for ecosystem in Catalog.all where ecosystem.mayRewriteIndex {
            let blind = Exercise.codec(Silent(inner: ecosystem))
            let seeds = Corpus.seeds.filter { $0.exercise.name == ecosystem.type }
            let reaching = try seeds.filter { !blind.run(try $0.bytes).isEmpty }
            #expect(!reaching.isEmpty, "no seed of \(ecosystem.type) is an index that can be read")
        }
    }

    @Test func everyFolderOfSeedsBelongsToAReader() {
        #expect(Corpus.folders.subtracting(Exercise.all.map(\.name)).isEmpty)
        #expect(Set(Exercise.all.map(\.name)).count == Exercise.all.count)
    }

    @Test func seedsAreSmall() throws {
        let sizes = try Corpus.seeds.map { try $0.bytes.count }
        #expect(sizes.allSatisfy { $0 < 64 << 10 } && sizes.reduce(0, +) < 3 << 20)
    }

    @Test func seesAnIndexThatStillShowsWhatIsHidden() throws {
        let seed = Array(
            "GET https://forgetful.example/x\n\nx 1.0 2.0".utf8
        )
        let broken = Exercise.codec(Forgetful()).run(seed)
        #expect(broken.contains { $0.contains("is hidden and still there") })
    }

    @Test func seesVersionsThatAreOrderedOneWayOnly() {
        let broken = Exercise.codec(Forgetful()).run(Array("GET https://forgetful.example/x\nversions: a b\n\n".utf8))
        #expect(broken.contains { $0.contains("are ordered one way") })
    }
}

/// A codec that hides nothing and orders versions by the side on which they stand.
private struct Forgetful: Ecosystem {
    let type = "generic"
    let hosts = ["forgetful.example"]
    let defaultOrigin: Origin? = nil
    let profile = Profile(clients: [], claims: "none", facts: "none")
    private static let package = Purl(type: "generic", name: "x")

    func intent(of request: Request) throws(Malformed) -> Intent? { .index(.package(Forgetful.package)) }

    func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    {
        let words = String(decoding: index.bytes, as: UTF8.self).split(separator: " ").dropFirst()
        return PackageIndex(scope: scope, releases: words.map { Release(purl: Forgetful.package.at(String($0))) })
    }

    func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    { index }

    func compare(_ a: String, _ b: String) -> Int? { 1 }
}

/// Another codec that can print nothing: which seeds have something to print is what it tells.
private struct Silent: Ecosystem {
    let inner: any Ecosystem
    var type: String { inner.type }
    var hosts: [String] { inner.hosts }
    var defaultOrigin: Origin? { inner.defaultOrigin }
    var profile: Profile { inner.profile }

    func intent(of request: Request) throws(Malformed) -> Intent? { try inner.intent(of: request) }

    func readIndex(_ index: Document, companions: [Document], for request: Request, scope: IndexScope)
        throws(Malformed) -> PackageIndex
    { try inner.readIndex(index, companions: companions, for: request, scope: scope) }

    func writeIndex(_ index: Document, for request: Request, scope: IndexScope, view: IndexView)
        throws(Malformed) -> Document
    { throw Malformed("nothing is printed") }

    func compare(_ a: String, _ b: String) -> Int? { inner.compare(a, b) }
}
