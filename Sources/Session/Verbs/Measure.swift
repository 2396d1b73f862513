internal import Core
internal import Ecosystems
internal import JSONText
internal import Kernel
internal import Knowledge
internal import Policy
internal import Storage

/// `purser __measure NAME`, for the benchmarks: what policy and its data cost, without a network and without a client.
public enum Measure {
    public static func perform(_ name: String, folder: String) -> Int32 {
        do throws(Problem) {
            switch name {
            case "policy": Process.write(output: try verdicts(count: 100_000))
            case "advisories": Process.write(output: try advisories(count: 250_000, folder: folder))
            case "rules": Process.write(output: everyRule)
            default: return 2
            }
            return 0
        } catch {
            Console().problem(error)
            return error.code.exitStatus
        }
    }

    /// Every rule that may judge, with lists and expressions to look into.
    private static let everyRule = """
        version: 1
        mode: enforce
        data: { osv: x }
        rules:
          min_age: { days: 3, per: { golang: 1, "pkg:npm/@acme/*": 0 } }
          as_of: { time: 2030-01-01 }
          block: ["pkg:npm/evil", "pkg:npm/bad-*@>=1,<2", "pkg:pypi/x@<1 || >=3"]
          allow: ["pkg:npm/@acme/*"]
          namespace.internal: ["pkg:npm/@acme/*", "pkg:maven/com.acme/*"]
          vulnerability.ids: { block: [CVE-2026-1] }
          ioc: { hosts: ["*.evil.example"] }
          trust.require: ["pkg:npm/@acme/*"]
          publisher.allow: { purls: ["pkg:npm/@acme/*"], publishers: [robot] }
          publisher.deny: [mallory]
          binary_only: ["pkg:pypi/*"]
          sdist_only: ["pkg:gem/*"]
          origin.allow: [NPM, "*.example"]
          license.allow: [MIT, ISC, Apache-2.0, BSD-3-Clause]
          license.deny: [AGPL-3.0-only, GPL-3.0-only WITH GCC-exception-3.1]
          popularity.min_versions: { action: report, versions: 2 }
          yank_ratio: { action: report }
          metadata.repo: { action: report }
          metadata.homepage: { action: report }
          metadata.readme: { action: report }
          metadata.author_email: { action: report }
          dependencies.max: { action: report }
          popularity.min_downloads: { action: report }
          scorecard.min: { action: report, checks: [Maintained] }
          starjacking: { action: report }
          unknown: { action: report }
          trust.verify: ["pkg:npm/@acme/*"]
          signature.require: ["pkg:npm/@acme/*"]

        """

    private static func verdicts(count: Int) throws(Problem) -> String {
        let policy = try PolicyFile.parse(everyRule, name: "measure.yml").policy(overridingMode: nil)
        let all = facts(count)
        var denied = 0
        let spent = ContinuousClock().measure {
            for facts in all where policy.judge(facts).isDenied { denied += 1 }
        }
        return "{\"verdicts\":\(count),\"denied\":\(denied),\"seconds\":\(seconds(spent))}\n"
    }

    private static func facts(_ count: Int) -> [Facts] {
        let ecosystem = Npm()
        let compare: @Sendable (String, String) -> Int? = { ecosystem.compare($0, $1) }
        let origin = Origin(.https, "registry.npmjs.org")
        let day: Int64 = 86_400
        let licenses = ["MIT", "ISC", "(MIT OR Apache-2.0)", "BSD-3-Clause", "GPL-3.0-only"]
        return (0..<count).map { index in
            let package = Purl(type: "npm", name: "package-\(index)")
            let releases = (0..<20).map { version in
                var release = Release(purl: package.at("1.\(version).0"))
                let time = Timestamp(seconds: 1_700_000_000 + Int64(version) * 30 * day)
                release.published = PublishTime(time, basis: .registryTime)
                release.evidence = PublisherEvidence(version > 10 ? .provenance : .none)
                release.publishers = ["someone"]
                return release
            }
            var release = releases[19]
            release.license = licenses[index % licenses.count]
            release.repository = "https://example.org/x"
            release.homepage = "https://example.org"
            release.runsInstallScript = false
            (release.authorEmail, release.hasReadme) = ("someone@example.org", true)
            release.dependencyCount = index % 40
            var facts = Facts(
                release: release,
                origin: origin,
                type: "npm",
                now: Timestamp(seconds: 1_795_000_000),
                compare: compare
            )
            facts.artifact = Artifact(file: "package-\(index)-1.19.0.tgz", size: 20_000)
            facts.claims =
                Digest(.sha256, bytes: Array(repeating: UInt8(index & 0xFF), count: 32)).map {
                    [DigestClaim(by: "index", digest: $0)]
                } ?? []
            facts.isPublicOrigin = true
            facts.advisories = []
            facts.reputation = reputation(index)
            facts.history = ReleaseHistory(releases) { ecosystem.isPrerelease($0) }
            return facts
        }
    }

    private static func reputation(_ index: Int) -> Reputation {
        var reputation = Reputation()
        reputation.suspicions = []
        reputation.isReviewed = true
        reputation.downloads = index
        reputation.scorecard = Reputation.Scorecard(score: 60, checks: ["Maintained": 10])
        return reputation
    }

    private static func advisories(count: Int, folder: String) throws(Problem) -> String {
        var lines = ""
        for index in 0..<count {
            lines += """
                {"id":"MAL-2026-\(index)","summary":"Malicious code","affected":[{"package":{"ecosystem":"npm",\
                "name":"package-\(index)"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}

                """
        }
        let (records, file) = ("\(folder)/records.jsonl", "\(folder)/records.snapshot")
        do {
            try Files.writeAtomically(records, Array(lines.utf8), mode: 0o600, durably: false)
            let bytes = try AdvisorySnapshot.compiled(from: records)
            try Files.writeAtomically(file, bytes, mode: 0o600, durably: false)
        } catch let error as Problem { throw error } catch {
            throw StorageError.failed(path: folder, what: "\(error)").problem
        }
        let clock = ContinuousClock()
        let start = clock.now
        let snapshot = try AdvisorySnapshot.load(path: file)
        let opened = clock.now - start
        let ecosystem = Npm()
        let asked = 10_000
        var found = 0
        let spent = clock.measure {
            for step in 0..<asked {
                let purl = Purl(type: "npm", name: "package-\(step * 37 % count)").at("1.0.0")
                found += snapshot.advisories(for: purl) { ecosystem.compare($0, $1) }?.count ?? 0
            }
        }
        return "{\"records\":\(count),\"open\":\(seconds(opened)),\"found\":\(found),"
            + "\"lookup\":\(seconds(spent / asked))}\n"
    }

    private static func seconds(_ time: Duration) -> Double { time / .seconds(1) }
}
