import Core
import Ecosystems
import Foundation
import Gateway
import TestKit
import Testing
import Upstream

/// One story told in a file: what a client asks, what the upstream hears, what the client gets, what is recorded.
///
///     policy    mode: enforce                      YAML flow text, one key a line
///     package   KIND NAME VERSION[@TIME] …         served by the upstream; the first version's file is FILE below
///     module    PATH VERSION[@TIME] …              a Go module with its checksum record; the first version's zip is FILE
///     serve     PATH FAULT                         the upstream's next answers there
///     answer    PATH TYPE TEXT                     what the upstream says there, in one line or as `base64:TEXT`
///     origin    TYPE URL                           a registry that the user declared; its first label is its folder
///     lockfile  NAME TEXT                          of the project; INTEGRITY is that of FILE, `\n` ends a line
///     next job                                     a new session over the same cache
///     client    METHOD URL | index | file          with `header Name: value` lines before it
///     upstream  METHOD PATH | nothing
///     meanwhile upstream … | record …              among what is still expected, in no order
///     reply     STATUS and any of: whole, part, contains X, lacks X, code X, reason X
///     record    one line for each event, in order; `record nothing`
struct Transcript: Sendable, CustomTestStringConvertible {
    typealias Line = (number: Int, word: String, rest: String)

    let name: String
    let lines: [Line]

    var testDescription: String { name }
    /// The ecosystem that the story is of: its folder.
    var type: String { String(name.prefix { $0 != "/" }) }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Transcripts")

    static func all() -> [Transcript] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap {
            $0 as? URL
        }
        return (files ?? []).filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.map(Transcript.init)
    }

    private init(_ file: URL) {
        name = file.pathComponents.suffix(2).joined(separator: "/")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { at, line in
            guard !line.hasPrefix("#"), !line.allSatisfy(\.isWhitespace) else { return nil }
            let word = line.prefix { !$0.isWhitespace }
            let rest = line.dropFirst(word.count).drop(while: \.isWhitespace)
            return (at + 1, String(word), String(rest))
        }
    }
}

/// Plays one transcript against a gateway.
final class Player {
    private let fake: FakeUpstream
    private let scratch: Scratch
    private var scene: Scene
    private var setting: Scene.Setting
    private var packages: [Package] = []
    private var headers: [HeaderField] = []
    private var taken: Taken?
    private var heard: [String] = []
    private var events: [String] = []
    private var requestsSeen = 0
    private var eventsSeen = 0
    private var number = 0
    private let transport: Transport
    private let type: String
    private var road: Road?

    init(_ transcript: Transcript, _ fake: FakeUpstream, by transport: Transport = .memory) throws {
        self.transport = transport
        type = transcript.type
        self.fake = fake
        scratch = try Scratch()
        setting = Scene.Setting()
        let policy = transcript.lines.filter { $0.word == "policy" }.map(\.rest)
        setting.policy = (["version: 1"] + (policy.isEmpty ? ["mode: audit"] : policy)).joined(separator: "\n")
        setting.patience = .seconds(5)
        for line in transcript.lines where line.word == "origin" {
            let words = line.rest.split(separator: " ").map(String.init)
            setting.declared.append(Gateway.DeclaredOrigin(ecosystem: words[0], prefix: try HTTPURL(words[1])))
        }
        scene = try Scene(setting, scratch, fake)
    }

    func play(_ transcript: Transcript) async throws {
        for line in transcript.lines {
            if line.word == "client" || line.word == "next" { settle() }
            number = line.number
            switch line.word {
            case "policy", "origin": break
            case "package": try declare(line.rest.split(separator: " ").map(String.init))
            case "module": declareModule(line.rest.split(separator: " ").map(String.init))
            case "serve": try serve(line.rest.split(separator: " ").map(String.init))
            case "answer": answer(line.rest)
            case "lockfile": try learn(line.rest)
            case "next": try await nextJob()
            case "header": headers.append(header(line.rest))
            case "client": try await ask(line.rest)
            case "upstream": expectHeard(line.rest)
            case "reply": expectReply(line.rest)
            case "record": expectEvent(line.rest)
            case "meanwhile": expectSometime(line.rest)
            default: Issue.record("line \(number): '\(line.word)' is not a word of transcripts")
            }
        }
        settle()
        await road?.close()
    }

    /// What was neither expected nor excluded is an error.
    private func settle() {
        #expect(heard == [], "before line \(number)")
        #expect(events == [], "before line \(number)")
        (heard, events) = ([], [])
    }

    private func nextJob() async throws {
        await road?.close()
        road = nil
        scene = try Scene(setting, scratch, fake)
        eventsSeen = 0
    }

    private func declare(_ words: [String]) throws {
        let kind = try #require(Package.Kind(rawValue: words[0]))
        let all = words.dropFirst(2).map { word in
            let parts = word.split(separator: "@", maxSplits: 1).map(String.init)
            let bytes = Package.bytes(kind, words[1], parts[0], 700)
            return Listed(parts[0], published: parts.count > 1 ? parts[1] : "2026-01-10T08:00:00Z", bytes: bytes)
        }
        let package = Package.make(kind, words[1], try #require(all.first), all)
        package.serve(on: fake)
        if let pin = package.pin { scene.gateway.learn([pin], from: "tools.lock") }
        packages.append(package)
    }

    private func declareModule(_ words: [String]) {
        let modules = words.dropFirst().map { word in
            let parts = word.split(separator: "@", maxSplits: 1).map(String.init)
            return GoModule(words[0], parts[0], time: parts.count > 1 ? parts[1] : "2026-01-10T08:00:00Z")
        }
        GoModule.serve(modules, on: fake)
        if let first = modules.first { packages.append(first.package) }
    }

    private func serve(_ words: [String]) throws {
        let package = try #require(packages.last)
        let path = words[0] == "file" ? package.path : words[0] == "index" ? package.indexPath : words[0]
        let good = words[0] == "index" ? package.indexAnswer : package.answer
        let faults: [String: FakeAnswer] = [
            "flip": good.with(.flip), "truncate": good.with(.truncate), "html": good.with(.html),
            "empty": good.with(.empty), "reset": good.with(.reset), "503": good.with(.status(503)), "good": good,
            "429": good.with(.busy("0")), "404": FakeAnswer(status: 404, body: "gone\n"), "304": good.with(.unasked304),
            "tagged": good.tagged("\"v1\""),
        ]
        fake.serve(path, try words.dropFirst().map { try #require(faults[$0], "\($0)") })
    }

    private func answer(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        let body = words.count > 2 ? words[2] : ""
        let bytes = body.hasPrefix("base64:") ? Base64.decode(String(body.dropFirst(7))) ?? [] : Array(body.utf8)
        fake.serve(words[0], FakeAnswer(bytes, type: words.count > 1 ? words[1] : ""))
    }

    private func learn(_ text: String) throws {
        let name = text.prefix { $0 != " " }
        let integrity = packages.last.map { Digest.sha512(of: $0.bytes).integrity }
        let body = text.dropFirst(name.count + 1).replacing("\\n", with: "\n").replacing(
            "INTEGRITY",
            with: integrity ?? ""
        )
        for ecosystem in Catalog.all where ecosystem.lockfileNames.contains(String(name)) {
            let pins = try ecosystem.pins(in: Array(body.utf8), named: String(name))
            scene.gateway.learn(pins, from: String(name))
        }
    }

    private func header(_ text: String) -> HeaderField {
        let name = text.prefix { $0 != ":" }
        return HeaderField(String(name), String(text.dropFirst(name.count + 1).drop(while: \.isWhitespace)))
    }

    private func ask(_ text: String) async throws {
        let words = text.split(separator: " ").map(String.init)
        let package = packages.last
        let url = words[1] == "file" ? package?.url : words[1] == "index" ? package?.index : words[1]
        let accept = words[1] == "index" ? package?.accept ?? "" : ""
        if road == nil { road = try await Road(transport, to: scene, scratch) }
        taken = try await road?.ask(try #require(url), type: type, method: words[0], accept: accept, headers)
        headers = []
        heard += fake.requests.dropFirst(requestsSeen).map { "\($0.method) \($0.target)" }
        requestsSeen = fake.requests.count
        events += scene.recorder.events.dropFirst(eventsSeen).map(\.line)
        eventsSeen = scene.recorder.events.count
    }

    private func expectHeard(_ text: String) {
        if text == "nothing" {
            #expect(heard == [], "line \(number)")
        } else {
            let request = heard.isEmpty ? "nothing" : heard.removeFirst()
            #expect(request == text, "line \(number)")
        }
    }

    private func expectSometime(_ text: String) {
        let isHeard = text.hasPrefix("upstream ")
        let wanted = String(text.drop { !$0.isWhitespace }.drop(while: \.isWhitespace))
        let place = (isHeard ? heard : events).firstIndex(of: wanted)
        #expect(place != nil, "line \(number): \(isHeard ? heard : events)")
        guard let place else { return }
        if isHeard { heard.remove(at: place) } else { events.remove(at: place) }
    }

    private func expectEvent(_ text: String) {
        if text == "nothing" {
            #expect(events == [], "line \(number)")
        } else {
            let event = events.isEmpty ? "nothing" : events.removeFirst()
            #expect(event == text, "line \(number)")
        }
    }

    private func expectReply(_ text: String) {
        guard let taken else {
            Issue.record("line \(number): nothing was asked")
            return
        }
        let words = text.split(separator: " ").map(String.init)
        #expect(String(taken.status) == words.first, "line \(number): \(taken.reason ?? "")")
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            switch word {
            case "whole": #expect(taken.isComplete && taken.body == packages.last?.bytes, "line \(number)")
            case "part": #expect(packages.last?.bytes.starts(with: taken.body) == true, "line \(number)")
            case "contains": #expect(taken.text.contains(rest.popFirst() ?? ""), "line \(number)")
            case "lacks": #expect(!taken.text.contains(rest.popFirst() ?? ""), "line \(number)")
            case "code": #expect(taken.code == rest.popFirst(), "line \(number)")
            case "reason":
                #expect(taken.reason?.contains(rest.joined(separator: " ")) == true, "line \(number)")
                rest = []
            default: Issue.record("line \(number): '\(word)' is not a word of replies")
            }
        }
    }
}

@Suite struct TranscriptTests {
    @Test(arguments: Transcript.all(), Transport.allCases)
    func theStoryIsTrue(_ transcript: Transcript, by transport: Transport) async throws {
        // Files that belong to no registry have no endpoint.
        let hasEndpoint = Catalog.all.contains { $0.type == transcript.type && $0.defaultOrigin != nil }
        guard hasEndpoint || transport != .registry else { return }
        let fake = try await FakeUpstream.start()
        try await Player(transcript, fake, by: transport).play(transcript)
        await fake.stop()
    }

    @Test func everyEcosystemHasAStory() {
        let folders = Set(Transcript.all().map { $0.name.prefix { $0 != "/" } })
        #expect(folders.isSuperset(of: Catalog.all.map { $0.type[...] }))
    }
}
