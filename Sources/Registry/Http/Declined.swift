internal import Core
internal import JSONText
internal import Storage
internal import Upstream

/// A request that is not granted: the problem, and how HTTP shows it where that differs from the problem's own way.
struct Declined: Error, Sendable {
    let problem: Problem
    let status: Int
    var headers: [HeaderField] = []

    init(_ problem: Problem, status: Int? = nil, headers: [HeaderField] = []) {
        self.problem = problem
        self.status = status ?? problem.code.httpStatus
        self.headers = headers
    }

    init(_ error: RecordsError) { self.init(error.problem) }

    init(_ error: StorageError) { self.init(error.problem) }

    static func notFound(_ subject: String) -> Declined {
        Declined(
            Problem(
                .notFound,
                subject: subject,
                summary: "is not here",
                remedy: "Check the address, the repository and the channel."
            )
        )
    }

    static func wrongMethod(_ method: String, allowed: [String]) -> Declined {
        Declined(
            Problem(
                .usageInvalid,
                subject: method,
                summary: "is not a method of this address",
                remedy: "Use \(allowed.joined(separator: " or "))."
            ),
            status: 405,
            headers: [HeaderField("Allow", allowed.joined(separator: ", "))]
        )
    }

    static func malformed(_ subject: String, _ summary: String) -> Declined {
        Declined(
            Problem(.usageInvalid, subject: subject, summary: summary, remedy: "See docs/registry.md for this request.")
        )
    }

    static func tooLarge(_ subject: String, limit: Int64, of unit: String = " bytes") -> Declined {
        Declined(
            Problem(
                .tooLarge,
                subject: subject,
                summary: "is larger than \(limit)\(unit)",
                remedy: "Send less, or ask the registry's operator to raise the limit."
            )
        )
    }
}

extension RecordsError {
    /// The problem a person sees.
    var problem: Problem {
        switch self {
        case .full:
            return Problem(
                .storageFull,
                subject: "the registry's disk",
                summary: "has no room left",
                remedy: "Free space there; nothing incomplete was kept."
            )
        case .busy:
            return Problem(
                .stateLocked,
                subject: "the registry's records",
                summary: "were busy for too long",
                remedy: "Try again; if it stays so, look for another program that has records.sqlite open."
            )
        case .cancelled:
            return Problem(
                .deadlineExceeded,
                subject: "the request",
                summary: "was given up before it was done",
                remedy: "Send it again; nothing was changed."
            )
        case .newerFormat(let steps):
            return damaged(
                "were written by a later release (\(steps))",
                "Install that release or a newer one; this one cannot read them."
            )
        case .foreign:
            return damaged("belong to another program", "Name another folder with --data.")
        case .missing:
            return damaged("are missing", "Restore records.sqlite from a backup; it is never made anew by itself.")
        case .damaged(let what):
            return damaged(
                "are damaged: \(what)",
                "Restore records.sqlite from a backup; it is never made anew by itself."
            )
        case .unreadable(let what):
            return damaged("cannot be read: \(what)", "Check the folder's owner, permissions and disk.")
        case .failed(let what):
            return Problem(
                .bug,
                subject: "the registry's records",
                summary: what,
                remedy: "Report this, with the line of the log that names it."
            )
        }
    }

    private func damaged(_ summary: String, _ remedy: String) -> Problem {
        Problem(.storageDamaged, subject: "the registry's records", summary: summary, remedy: remedy)
    }
}
