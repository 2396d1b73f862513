import Core
import Manifest
import Storage
import Testing
import Upstream

@testable import Session

@Suite("Answers from the record")
struct ReplayUpstreamTests {
    private func request(_ url: String) throws -> UpstreamRequest {
        UpstreamRequest(
            Request(method: "GET", url: try HTTPURL(url), accept: "*/*", userAgent: "test"),
            ecosystem: "pypi",
            purpose: .index
        )
    }

    private func source(_ scratch: Scratch, _ bodies: [String]) throws -> ReplaySource {
        let store = try BlobStore(folder: scratch.path("blobs"))
        let url = try HTTPURL("https://pypi.org/simple/a/")
        let entries = try bodies.map { body in
            let blob = try store.store(Array(body.utf8))
            return ReplayRecord.Entry(
                key: ReplayKey(method: "GET", url: url, accept: "*/*"),
                status: 200,
                headers: [],
                body: (blob.digest, blob.size),
                finalURL: url
            )
        }
        return ReplaySource(
            manifest: BuildManifest(inputs: [], tools: [], artifacts: nil, gaps: []),
            record: ReplayRecord(entries: entries),
            bytes: { digest throws(Problem) in
                do throws(StorageError) { return try await store.blob(digest) } catch { throw error.problem }
            }
        )
    }

    private func body(_ upstream: ReplayUpstream, _ url: String) async throws -> String {
        let response = try await upstream.fetch(try request(url))
        var bytes: [UInt8] = []
        while let chunk = try await response.body.next() { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theNthAskerGetsTheNthAnswerAndTheLastRepeats() async throws {
        let scratch = try Scratch()
        let upstream = ReplayUpstream(try source(scratch, ["one", "two"]))
        var got: [String] = []
        for _ in 0..<4 { got.append(try await body(upstream, "https://pypi.org/simple/a/")) }
        #expect(got == ["one", "two", "two", "two"])
    }

    @Test func aMissIsDriftAndIsRemembered() async throws {
        let scratch = try Scratch()
        let source = try source(scratch, ["one"])
        let upstream = ReplayUpstream(source)
        await #expect(throws: Problem.self) {
            try await upstream.fetch(try request("https://pypi.org/simple/b/?t=secret"))
        }
        do { _ = try await upstream.fetch(try request("https://pypi.org/simple/b/?t=secret")) } catch let error
            as Problem
        {
            #expect(error.code == .verifyDrift)
            #expect(error.details.contains { $0.label == "nearest" && $0.text.contains("/simple/a/") })
        }
        #expect(source.misses.all == ["GET https://pypi.org/simple/b/?t=***"])
    }

    @Test func bytesThatNobodyKeptAreNamed() async throws {
        let scratch = try Scratch()
        let kept = try source(scratch, ["one"])
        let lost = ReplaySource(manifest: kept.manifest, record: kept.record, bytes: { _ throws(Problem) in nil })
        do {
            _ = try await ReplayUpstream(lost).fetch(try request("https://pypi.org/simple/a/"))
            Issue.record("it answered")
        } catch let error as Problem { #expect(error.code == .notFound) }
        #expect(lost.misses.all.count == 1)
    }
}
