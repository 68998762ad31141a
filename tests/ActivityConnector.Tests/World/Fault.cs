namespace ActivityConnector.Tests.World;

/// <summary>What a vendor does wrong for a while.</summary>
internal enum FaultKind
{
    /// <summary>No answer at all: connections are refused or cut.</summary>
    Outage,

    /// <summary>Some answers are 502 or 503.</summary>
    Unavailable,

    /// <summary>Some answers are 429, with and without headers.</summary>
    Quota,

    /// <summary>Every answer is 429.</summary>
    NoQuota,

    /// <summary>Answers that would hold one certain record are 500.</summary>
    Range,

    /// <summary>Some bodies end in the middle.</summary>
    CutBody,

    /// <summary>Some answers are a web page with status 200.</summary>
    WebPage,

    /// <summary>A record that is broken is written so that the page is no JSON.</summary>
    BrokenRecord,

    /// <summary>The Date header is days ahead.</summary>
    DateAhead,

    /// <summary>The Date header is behind.</summary>
    DateBehind,

    /// <summary>There is no Date header.</summary>
    NoDate,

    /// <summary>Some pages that have a successor are empty.</summary>
    EmptyPage,

    /// <summary>Some pages that have a successor are not full.</summary>
    ShortPage,

    /// <summary>Some pages that have a successor do not say so; some of these are empty.</summary>
    EndsEarly,

    /// <summary>Records of one page come on the next one again.</summary>
    RepeatedRecords,

    /// <summary>The numbers of pages and records are wrong.</summary>
    WrongTotals,

    /// <summary>The link to the next page is of a type that leads nowhere.</summary>
    PagingType,

    /// <summary>The link to the next page leads back.</summary>
    Loop,

    /// <summary>Cursors that were given more than a day ago are refused.</summary>
    CursorsExpire,

    /// <summary>The first cursor that is asked with is refused.</summary>
    OneCursor,

    /// <summary>The oldest records come first where the newest should.</summary>
    OtherOrder,

    /// <summary>A server that ignores the page size asked for.</summary>
    OwnPageSize,

    /// <summary>Pages of many records are larger than any that is kept.</summary>
    TooLarge,

    /// <summary>Another organisation's records are behind the credential.</summary>
    OtherOrganisation,
}

/// <summary>A kind of fault from one moment to another.</summary>
internal readonly record struct Fault(FaultKind Kind, DateTimeOffset From, DateTimeOffset To);
