// SPDX-License-Identifier: EUPL-1.2

import JSON
public import SBOM

/// The catalogue of all fixed texts of the pages, in both languages.
public struct Texts: Sendable {
    /// The texts by key.
    public let entries: [String: LocalizedText]
    private let german: [String: String]
    private let english: [String: String]

    /// Reads a catalogue: an object of `{"de": …, "en": …}` by key.
    public init(json bytes: [UInt8]) throws {
        let fields = try JSONFields(JSONValue(parsing: bytes))
        var entries: [String: LocalizedText] = [:]
        for key in fields.keys { entries[key] = try LocalizedText(json: fields.object(key)) }
        self.entries = entries
        german = entries.mapValues(\.de)
        english = entries.mapValues(\.en)
    }

    /// The catalogue that is part of the program.
    public static func embedded() throws -> Texts { try Texts(json: PackageResources.texts_json) }

    /// All texts of one language, for templates.
    func all(_ language: Language) -> [String: String] { language == .de ? german : english }

    /// A text about a number of things, in the singular where there is one: the key with `One` at its end.
    func text(_ key: TextKey, _ language: Language, count: Int, _ values: [String: String] = [:]) -> String {
        let one = all(language)[key.rawValue + "One"]
        let values = values.merging(["count": language.number(count)]) { $1 }
        return count == 1
            ? one.map { Self.filled($0, values) } ?? text(key, language, values) : text(key, language, values)
    }

    /// A text with its places filled: `{count}` and the like.
    ///
    /// Filled in one pass, so that a value which looks like a place stays what it is.
    func text(_ key: TextKey, _ language: Language, _ values: [String: String] = [:]) -> String {
        // The tests hold that every key exists; a key on the page is better than no page.
        guard let template = all(language)[key.rawValue] else { return key.rawValue }
        return Self.filled(template, values)
    }

    private static func filled(_ template: String, _ values: [String: String]) -> String {
        guard !values.isEmpty else { return template }
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}"),
                let value = values[String(rest[rest.index(after: open)..<close])]
            else {
                result.append("{")
                rest = rest[rest.index(after: open)...]
                continue
            }
            result += value
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// Keys of texts that code asks for; templates name theirs as `t.key`.
public enum TextKey: String, Sendable, CaseIterable {
    case signatures, signedAccepted, signedRefused, trustAbsent, trustInForce, trustUnreadable
    case advice, adviceUndecided, affected, affectedDeferred, affectedEndOfLife, affectedNoFix, affectedWithFix,
        affectedWontFix,
        artefactText,
        artefactTitle, commandCheck, commandPull,
        componentsCount = "components", computed, criteria, criteriaCount, criteriaIntro,
        criterionUnknownText, declared, directory, earlier,
        errorText, errorTitle, evidence, exploited, exploitedCount, failedText, failedTitle, feedsNone, findings,
        findingsNone, findingsNoneUnknown,
        findingsSummary,
        firstSeen, fixed,
        imageApproved, imageTakenDown,
        internalImage,
        invalidText, invalidTitle, kind, languageName, layer, layers, methodText, methodTitle, more, noImage,
        notAffected,
        notAssessedEntry, notAssessedState, notFoundText, notFoundTitle, observed, open, openCount, openHint, openTitle,
        outcomeFail, outcomeNotApplicable,
        outcomePass, outcomeUndecided, outcomeUnknown, packages, pageMissing, pending, pendingQueued, pendingRunning,
        pendingTitle, platform,
        platforms, proven, searchNone,
        severityCritical, severityHigh, severityLow, severityMedium, severityNegligible, severityUnknown,
        sourcePackages, stage, stepsUndecided, tags,
        tooManyText, tooManyTitle, unauthorizedText,
        unauthorizedTitle, underInvestigation, undetermined, versions, versionsMore

    // All findings and components of an image.
    case componentConfidence, componentFindingsNone, componentLayer, componentsNone, componentsSearch,
        componentsSummary, componentsTitle, findingsAll, findingsExploited, findingsOpen, findingsSearch,
        findingsSettled, findingSeverity, findingSource, findingStatus, findingsTitle, ownedBy, packageURL, tablePart

    // Signing in, accounts, namespaces.
    case account, accountName, days, foreignText, foreignTitle, formSessionText, formSessionTitle, formUnreadText,
        formUnreadTitle, freezeSinceInvalid, freezeUnsure, frozenText, frozenTextPublic, memberRemoveOf, memberRoleOf,
        namespaces,
        nodeRole, organisation, ownRole, passwordDiffers, passwordRefused, passwordWrong, refusedConflict,
        refusedDenied, refusedInvalid, refusedText, refusedTitle, refusedUnknown, rightDelete, rightOverwrite,
        rightPull, rightPush, roleAuditor, roleMaintainer, roleOperator, rolePublisher, roleReader, signIn, signInToken,
        signInWrong, since, tokenExpired, tokenRevoked, tokens, visibility, visibilityInternal, visibilityPublic

    // The situational picture.
    case affectedAtLeast, affectedLayerHidden, affectedLayerUnknown, affectedMalformed,
        affectedPullsUnknown, affectedSummary, affectedTitle, affectedUncertain, affectedUnlisted, statedBy

    // The directory, organisations, my work.
    case anyValue, areaOverall, atLeastLevel, directoryCount, directoryCountAtLeast, facetArchitecture, facetCategory,
        facetLicence, kindImage, kindProduct, kindProject, level, organisationAnswer, organisationAnswerCut,
        organisationContact, organisationKey, organisationKind, organisationKindCritical, organisationKindFederal,
        organisationKindMunicipal, organisationKindState, organisationKindSupplier, organisationOperatedBy,
        organisationOperatesFor, organisations, directoryKind, area, levelsOfEntries, levelUnknown, work, workCount,
        workFix, workFurther, workStep, workWhere

    // What stands beside a verdict.
    case changes, changesAdded, changesCriteria, changesGoneFindings, changesLostFindings, changesNewFindings,
        changesRemoved, changesUpdated, levelHistory, replyDisputes, replyOtherCheck, replyOtherLevel,
        replyOtherRevision, replySays, useEndOf, uses,
        verifyNone, verifyOthers, verifyUnknown

    // Releases.
    case releaseFailed, releaseFrozen, releaseGate, releaseLogged, releaseNotNow, releasePending, releaseReplace,
        releaseSigned, releaseTagReserved, releaseTagTaken, releaseTagWrong, releaseTakenDown, releaseTitle

    // An exercise.
    case exerciseTitle, inbox, inboxNoSubject

    // Help, the operator's pages, the state of the node.
    case accessibility, concernFrozenLog, concernGivenUpJobs, concernLittleStorage, concernNoBackup,
        concernNoFeeds, concernNoLog, concernOldBackup, concernOldFeeds, health, healthBackup,
        healthCheckpoint, healthForOperators, healthLog, healthLogNone, healthLogText, healthQueue,
        healthQueueText, healthStorage, healthStorageText, healthUnknown, help, helpGold, helpGold1,
        helpGold2, helpGold3, helpGold4, helpGold5, helpGoldIntro, helpPush, helpPush1, helpPush2,
        helpPush3, helpPushIntro, helpSign, helpSign1, helpSign2, helpSign3, helpSignIntro, helpVerify,
        helpVerify1, helpVerify2, helpVerify3, helpVerify4, helpVerifyIntro, imprint, privacy

    // Products.
    case billConforms, billConformsNot, billMet, billMissing, billNotApplicable, billUndecided, billUnknown,
        productComponents, productFindingsNoneYet, productMatched, productOperator, productRemoved, products,
        productSupplier, productUnnamed

    // Source projects.
    case levelNoneOrUnknown, levelNoneShort
    case andFurther, badgeMissed, badgeNone, badgeOpen, badgeReached, badgeUnknown, needsAdvisories, needsFiles,
        needsForge, needsHistory, needsPeople, needsRegister, needsReleases, projectBranch, projectCommit,
        projectFailed, projectFails, projectGold, projectImages, projectNameWrong, projectNever, projectNoLevel,
        projectPending, projects, projectSince, projectSteps, projectUnknown, projectWaiting, resultCapped,
        resultSettled, usesIntro, usesIntroProject

    // What a namespace's policy says.
    case policyAllTags, policyAnnouncedTitle, policyBrokenGlass, policyBuilder, policyBuilderOwner, policyBuilderType,
        policyCertificates, policyCertificatesIssuer, policyCertificatesLog, policyCommandExceptions,
        policyCommandHistory, policyCommandReason, policyCommandSet, policyCommandShow, policyCommandTry,
        policyDocument, policyEarlierMore, policyExceptionAsked, policyExceptionTerms, policyExceptionsCut,
        policyExceptionsMore, policyGrace, policyGraceNone, policyHolding, policyImmutable, policyImmutableTitle,
        policyKeep, policyKeepLast, policyKeepNewest, policyKeepNothing, policyKeepPulled, policyKeepPushed,
        policyKey, policyLimitsTitle, policyListCut, policyLog, policyNone, policyNothing, policyOver,
        policyPullApproved, policyPullExploited, policyPullLevel, policyPullLogged, policyPullNote,
        policyPullReleased, policyPullTitle, policyPushBases, policyPushReleased, policyPushTitle, policyPushTypes,
        policyQuota, policyQuotaUnknown, policyQuotaUsed, policyRetentionNote, policyRetentionTitle, policyRevoked,
        policyRulesMore, policySignedAs, policySignersTitle, policySigns, policySignsImages, policySince, policyTags,
        policyTagsExcept, policyTimeEither, policyTimeLog, policyTimeNone, policyTimeStamp, policyTitle, policyTrust,
        policyTrustLogInclusion, policyTrustLogNone, policyTrustLogPromise, policyTrustNode, policyTrustNotNode,
        policyTrustNote, policyTrustTitle, policyUnreadable, policyUntagged, policyUntil, policyUploads, policyWhere

    // What is said about findings.
    case adoptedBy, assessedBy, attestedBy, discoveredEntry, inherited, justificationCode, justificationComponent,
        justificationControl, justificationMitigation, justificationPath, originAdopted, originAssessed,
        originAttested, originDiscovered, originImported, relationBase, relationComponent, relationElsewhere,
        relationImage, saidCounts, saidCountsNot, scopeImage, scopeNamespace, scopeRepository, triageAdoptOf,
        triageAffected,
        triageComponents, triageEndOf, triageState, triageTitle

    // Notices.
    case answerMissing, deliveryGivenUp, deliveryQueued, deliveryRejected, deliverySending, deliverySent,
        deliverySuperseded,
        noticeAbout, noticeAnswersText, noticeChanged, noticeCorrected, noticeDraft, noticeMeasure,
        noticeNobody, noticeOf,
        noticePreview, noticeReasonOperated, noticeReasonOperates, noticeReasonPublishes, noticeReasonPulled,
        noticeReasonRuns,
        noticeReasons, notices, noticeSent,
        noticeStateActing, noticeStateDone, noticeStateNone, noticeStateRead, noticeUnreachable, noticeUnsure,
        noticeWithdrawal, noticeWithdrawn
}
