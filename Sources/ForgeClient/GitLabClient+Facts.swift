// SPDX-License-Identifier: EUPL-1.2

import JSON
import ProjectCriteria
import Time

extension GitLabClient {
    /// Access level of maintainers, and from there on of owners and administrators.
    private static let maintainer: Int64 = 40

    /// Protection of a branch; of several rules that fit the most permissive one counts, as in GitLab.
    func protection(_ id: String, _ branch: String) async throws(ForgeError) -> ProjectForge.Protection {
        var found = ProjectForge.Protection(isProtected: false, allowsForcePush: false)
        let what = "protected branches"
        for rule in try await list("/projects/\(id)/protected_branches", limit: 1000, what: what) {
            do {
                guard Self.matches(branch, try rule.string("name")) else { continue }
                found.isProtected = true
                if try rule.bool("allow_force_push") { found.allowsForcePush = true }
            } catch {
                throw .unreadable(what: what, reason: "\(error)")
            }
        }
        return found
    }

    /// `*` stands for any number of any characters.
    static func matches(_ branch: String, _ rule: String) -> Bool {
        let parts = rule.split(separator: "*", omittingEmptySubsequences: false)
        guard parts.count > 1, let first = parts.first, let last = parts.last else { return branch == rule }
        guard branch.hasPrefix(first), branch.utf8.count >= first.utf8.count + last.utf8.count, branch.hasSuffix(last)
        else {
            return false
        }
        var rest = branch.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    /// Requests that were merged into a branch in the last six months.
    func merged(_ id: String, _ branch: String, _ now: Timestamp) async throws(ForgeError) -> [ProjectForge
        .MergedRequest]
    {
        var maintainers: Set<Int64> = []
        for member in try await list("/projects/\(id)/members/all", limit: 10_000, what: "members") {
            do {
                if try member.integer("access_level") >= Self.maintainer {
                    maintainers.insert(try member.integer("id"))
                }
            } catch {
                throw .unreadable(what: "members", reason: "\(error)")
            }
        }
        let start = now - .seconds(186 * 86_400)
        let query =
            "&state=merged&target_branch=\(Self.encoded(branch))&order_by=updated_at&sort=desc&updated_after=\(Self.encoded(start.rfc3339))"
        var found: [ProjectForge.MergedRequest] = []
        for entry in try await list(
            "/projects/\(id)/merge_requests",
            query: query,
            limit: listLimit,
            what: "merge requests"
        ) {
            if let request = try await mergedRequest(id, entry, maintainers, start) { found.append(request) }
        }
        return found
    }

    private func mergedRequest(
        _ id: String,
        _ entry: JSONFields,
        _ maintainers: Set<Int64>,
        _ start: Timestamp
    ) async throws(ForgeError) -> ProjectForge.MergedRequest? {
        let number: Int64
        let at: Timestamp
        let author: Int64
        let merger: Int64?
        let isUpdate: Bool
        do {
            number = try entry.integer("iid")
            guard let time = Timestamp(rfc3339: try entry.string("merged_at")) else {
                throw ForgeError.unreadable(what: "merge request \(number)", reason: "merged_at is no time")
            }
            at = time
            guard at > start else { return nil }
            let user = try entry.object("author")
            author = try user.integer("id")
            merger = try (entry.optionalObject("merge_user") ?? entry.optionalObject("merged_by"))?.integer("id")
            let title = try entry.string("title")
            isUpdate = Self.isBot(try user.string("username")) && Self.isUpdate(title)
        } catch let error as ForgeError {
            throw error
        } catch {
            throw .unreadable(what: "merge requests", reason: "\(error)")
        }
        let path = "/projects/\(id)/merge_requests/\(number)"
        let approvals = try await object(path + "/approvals", what: "approvals of merge request \(number)")
        let pipelines = try await list(path + "/pipelines", limit: 1000, what: "pipelines of merge request \(number)")
        do {
            let approvers = try approvals.objects("approved_by").map { try $0.object("user").integer("id") }
            // The newest stands first.
            let status = try pipelines.first?.string("status")
            return ProjectForge.MergedRequest(
                at: at,
                authorIsMaintainer: maintainers.contains(author),
                mergerIsMaintainer: merger.map(maintainers.contains) ?? false,
                hasMaintainerApproval: approvers.contains { maintainers.contains($0) },
                hasOtherApproval: approvers.contains { $0 != author },
                pipelineSucceeded: status.map { $0 == "success" },
                isUpdate: isUpdate
            )
        } catch {
            throw .unreadable(what: "merge request \(number)", reason: "\(error)")
        }
    }

    /// Issues that were opened in the last three months, with the first thing that another person did.
    func issues(_ id: String, _ now: Timestamp) async throws(ForgeError) -> [ProjectForge.Issue] {
        let start = now - .seconds(93 * 86_400)
        let query = "&scope=all&order_by=created_at&sort=desc&created_after=\(Self.encoded(start.rfc3339))"
        var found: [ProjectForge.Issue] = []
        for entry in try await list("/projects/\(id)/issues", query: query, limit: listLimit, what: "issues") {
            found.append(try await issue(id, entry))
        }
        return found
    }

    private func issue(_ id: String, _ entry: JSONFields) async throws(ForgeError) -> ProjectForge.Issue {
        do {
            let number = try entry.integer("iid")
            let author = try entry.object("author").integer("id")
            guard let created = Timestamp(rfc3339: try entry.string("created_at")) else {
                throw ForgeError.unreadable(what: "issue \(number)", reason: "created_at is no time")
            }
            var reactions: [Timestamp] = []
            if let text = try entry.optionalString("closed_at"), let closed = Timestamp(rfc3339: text),
                let closer = try entry.optionalObject("closed_by")?.integer("id"), closer != author
            {
                reactions.append(closed)
            }
            let notes = try await list(
                "/projects/\(id)/issues/\(number)/notes",
                query: "&sort=asc&order_by=created_at",
                limit: 1000,
                what: "notes of issue \(number)"
            )
            for note in notes {
                let user = try note.object("author")
                guard try user.integer("id") != author, !Self.isBot(try user.string("username")) else { continue }
                if let time = Timestamp(rfc3339: try note.string("created_at")) { reactions.append(time) }
            }
            return ProjectForge.Issue(createdAt: created, firstReactionAt: reactions.min())
        } catch let error as ForgeError {
            throw error
        } catch {
            throw .unreadable(what: "issues", reason: "\(error)")
        }
    }

    /// Names of service accounts as GitLab makes them, and of the known programs.
    static func isBot(_ username: String) -> Bool {
        let name = username.lowercased()
        return name.contains("renovate") || name.contains("dependabot") || name.hasSuffix("-bot")
            || name.hasSuffix("[bot]")
            || name.wholeMatch(of: /(project|group)_[0-9]+_bot.*/) != nil || name == "ghost" || name == "gitlab-bot"
    }

    private static func isUpdate(_ title: String) -> Bool {
        let title = title.lowercased()
        return title.contains("update") || title.contains("bump") || title.contains("deps")
    }
}
