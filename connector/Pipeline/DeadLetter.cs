using System.Security.Cryptography;
using System.Text;

namespace ActivityConnector.Pipeline;

/// <summary>At which stage a record could not be delivered.</summary>
public enum DeadLetterStage
{
    /// <summary>The vendor's text is not a record.</summary>
    Page,

    /// <summary>The event is too large for the journal.</summary>
    Size,

    /// <summary>A sink refused the event permanently.</summary>
    Index,
}

/// <summary>The texts of a stage.</summary>
public static class DeadLetterStages
{
    /// <summary>The stored text of <see cref="DeadLetterStage.Page"/>, which had this name first.</summary>
    private const string Page = "Map";

    /// <summary>As it is stored.</summary>
    public static string Text(this DeadLetterStage stage) => stage == DeadLetterStage.Page ? Page : stage.ToString();

    /// <summary>As people and programs read it: <c>page</c>, <c>size</c> or <c>index</c>.</summary>
    public static string Name(this DeadLetterStage stage) => stage.ToString().ToLowerInvariant();

    /// <summary>Null for a text that is no stage.</summary>
    public static DeadLetterStage? Parse(string? text) =>
        Page.Equals(text, StringComparison.OrdinalIgnoreCase) ? DeadLetterStage.Page
        : Enum.TryParse<DeadLetterStage>(text, ignoreCase: true, out var stage) && Enum.IsDefined(stage) ? stage
        : null;
}

/// <summary>A record that cannot be delivered, kept with the reason so that nothing is dropped silently.</summary>
public sealed record DeadLetter
{
    /// <summary>At most this much of the original is kept.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Stable over re-reads: derived from the record, never random. 40 hex digits.</summary>
    public required string Id { get; init; }

    public required DeadLetterStage Stage { get; init; }

    /// <summary>One line of at most 256 characters, without values of the record.</summary>
    public required string Reason { get; init; }

    /// <summary>Where it came from: the source and page, or the journal position.</summary>
    public required string Origin { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The original bytes; those beyond <see cref="MaxBodyBytes"/> are left out.</summary>
    public required ReadOnlyMemory<byte> Body { get; init => field = value[..Math.Min(value.Length, MaxBodyBytes)]; }

    /// <summary>The full length of the original in bytes.</summary>
    public required long OriginalLength { get; init; }

    /// <summary>The beginning of the origin: the source, or, of a part of a page, only its vendor.</summary>
    public string SourceText => Origin.Split(' ', 2)[0];

    /// <summary>The source that it is of; null where its origin names none.</summary>
    public SourceKey? Source => SourceKey.TryParse(SourceText) is { IsValid: true } source ? source : null;

    /// <summary>Whether a <see cref="SourceText"/> means a source: by its full name, or by the vendor alone.</summary>
    public static bool IsOf(string sourceText, SourceKey source) => sourceText == source.ToString() || sourceText == source.Source;

    /// <summary>The same without what it is of: its reason and size stay.</summary>
    public DeadLetter WithoutBody() => this with { Body = default, Reason = $"{Reason} Its text is withheld, because of a privacy rule." };

    /// <summary>The id of a text that is no event: derived from where it was found and from its bytes.</summary>
    public static string IdOf(string place, ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(place), .. bytes]).AsSpan(0, 20));

    /// <summary>The dead letter of an event has the id of its document.</summary>
    public static DeadLetter OfEvent(DeadLetterStage stage, string id, SourceKey source, ReadOnlyMemory<byte> json, string reason, DateTimeOffset at) => new()
    {
        Id = id,
        Stage = stage,
        Reason = reason,
        Origin = source.ToString(),
        At = at,
        Body = json,
        OriginalLength = json.Length,
    };
}
