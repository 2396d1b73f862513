import Core
import Ecosystems
import Foundation
import Storage
import Testing

@testable import Registry

@Suite(.serialized) struct ServerLifeTests {
    @Test func aSecondServerOnTheSameFolderIsToldWhoHasIt() async throws {
        try await RegistryScratch.with { scratch in
            let configuration = RegistryConfiguration(
                data: scratch.folder,
                listen: ("127.0.0.1", 0),
                ecosystems: Catalog.all,
                now: { RegistryScratch.now }
            )
            let problem = await #expect(throws: Problem.self) {
                try await RegistryServer.serve(configuration, stopsOnSignals: false) { _ in }
            }
            #expect(problem?.code == .stateLocked)
            #expect(problem?.code.exitStatus == 13)
            #expect(problem?.summary.contains("\(ProcessInfo.processInfo.processIdentifier)") == true)
        }
    }

    @Test func aPortInUseIsAClearError() async throws {
        try await RegistryScratch.with { scratch in
            let configuration = RegistryConfiguration(
                data: scratch.folder + "-2",
                listen: ("127.0.0.1", scratch.port),
                ecosystems: Catalog.all,
                now: { RegistryScratch.now }
            )
            defer { try? FileManager.default.removeItem(atPath: scratch.folder + "-2") }
            let problem = await #expect(throws: Problem.self) {
                try await RegistryServer.serve(configuration, stopsOnSignals: false) { _ in }
            }
            #expect(problem?.code == .usageInvalid)
            #expect(problem?.subject == "127.0.0.1:\(scratch.port)")
        }
    }

    @Test func whatWasPublishedIsThereAfterARestartAndTheTokenIsShownOnce() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-registry-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = RegistryConfiguration(
            data: folder,
            listen: ("127.0.0.1", 0),
            ecosystems: Catalog.all,
            now: { RegistryScratch.now }
        )
        try await RegistryScratch.serve(configuration) { #expect($0.firstToken != nil) }
        try await RegistryScratch.serve(configuration) { #expect($0.firstToken == nil) }
    }

    @Test func refusesAFolderThatHoldsOtherThings() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-registry-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("mine".utf8).write(to: URL(filePath: folder + "/thesis.txt"))
        let problem = await #expect(throws: Problem.self) {
            try await StateFolder.open(folder, now: RegistryScratch.now)
        }
        #expect(problem?.code == .usageInvalid)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["thesis.txt"])
    }

    @Test(
        .enabled(if: ServerProcess.program != nil),
        arguments: [["--hosted-only", "--upstream"], ["--connection-limit"], ["--stall-limit"]]
    )
    func anOptionThatWouldSayNothingIsRefused(options: [String]) throws {
        let option = options[options.count - 1]
        let value = options.count > 1 ? "pypi=http://x/" : "0"
        let process = Process()
        process.executableURL = URL(filePath: try #require(ServerProcess.program))
        process.arguments = ["serve", "--data", "/nonexistent/registry"] + options + [value]
        let messages = Pipe()
        process.standardError = messages
        try process.run()
        let text = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 2)
        #expect(text.contains("usage.invalid"))
        #expect(text.contains(option))
    }

    @Test func lostRecordsAreNeverMadeAnew() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-registry-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try await StateFolder.open(folder, now: RegistryScratch.now)
        for name in ["records.sqlite", "records.sqlite-wal", "records.sqlite-shm"] {
            try? FileManager.default.removeItem(atPath: folder + "/" + name)
        }
        let problem = await #expect(throws: Problem.self) {
            try await StateFolder.open(folder, now: RegistryScratch.now)
        }
        #expect(problem?.code == .storageDamaged)
        #expect(!FileManager.default.fileExists(atPath: folder + "/records.sqlite"))
    }

    @Test func tellsHowItIs() async throws {
        try await RegistryScratch.with { scratch in
            #expect(try await scratch.get("/healthz").status == 200)
            #expect(try await scratch.get("/readyz").status == 200)
            let metrics = try await scratch.get("/metrics").text
            #expect(metrics.contains("purser_registry_up 1"))
            #expect(metrics.contains("purser_registry_requests_total{route=\"health\",status=\"200\"} 1"))
            #expect(metrics.contains("purser_registry_rows{table=\"repository\"} 1"))
        }
    }

    @Test func fsckFindsWhatIsMissingAndWhatChanged() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/purser-registry-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let administration = Administration(data: folder) { RegistryScratch.now }
        _ = try await administration.create()
        let shelf = folder + "-files"
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let file = shelf + "/app-1.0-py3-none-any.whl"
        try Data(wheel()).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: shelf) }
        #expect(try await administration.add(file, to: "main", ecosystems: Catalog.all).hasPrefix("added"))
        #expect(try await administration.check().complaints.isEmpty)
        let hex = Digest.sha256(of: wheel()).hex
        try FileManager.default.removeItem(atPath: "\(folder)/blobs/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))")
        let report = try await administration.check()
        #expect(report.complaints.count == 1)
        #expect(report.complaints.first?.contains("app-1.0-py3-none-any.whl") == true)
    }
}
