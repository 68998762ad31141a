using ActivityConnector.Pipeline;

namespace ActivityConnector.Operations;

/// <summary>A position that an operator sets by hand: checked as a vendor's is, with what follows from it.</summary>
/// <param name="To">Where the source then stands, for people.</param>
/// <param name="Remarks">What the next run reads, and what of that is known; a sentence a line.</param>
internal sealed record MovedCheckpoint(Checkpoint Checkpoint, string To, IReadOnlyList<string> Remarks)
{
    /// <exception cref="ChangeRefusedException">The position does not fit the source, or is not possible.</exception>
    public static MovedCheckpoint Of(Checkpoint old, DateTimeOffset? watermark, string? cursor, DateTimeOffset now) => (old.Position, watermark, cursor) switch
    {
        (WindowPosition window, { } time, null) => ToTime(old, window, time, now),
        (CursorPosition position, null, { Length: > 0 } after) => ToCursor(old, position, after),
        (WindowPosition, _, _) => throw new ChangeRefusedException($"{old.Source} is read by time.", "Give a watermark, and no cursor."),
        _ => throw new ChangeRefusedException(
            $"{old.Source} is read by cursor.",
            "Give a cursor ('checkpoint export' has them), and no watermark. The command sweep reads a range of time again, 'checkpoint reset' everything."),
    };

    /// <summary>From when on nothing is published twice.</summary>
    public static string Known(DateTimeOffset? from) => from is { } time
        ? $"Events from {UtcText.Of(time)} on are known and not published twice; older ones are published again."
        : "Every event that was published is known and not published twice.";

    private static MovedCheckpoint ToTime(Checkpoint old, WindowPosition window, DateTimeOffset time, DateTimeOffset now)
    {
        if (time > now)
        {
            throw new ChangeRefusedException(
                $"{UtcText.Of(time)} is in the future (this host's clock says {UtcText.Of(now)}): nothing would be read until then.",
                "Give a time that is past.");
        }

        if (time < DateTimeOffset.UnixEpoch)
        {
            throw new ChangeRefusedException($"{UtcText.Of(time)} is before 1970, and no record is so old.", "Give a later time; 1970-01-01 reads everything.");
        }

        var second = time.ToUnixTimeSeconds();
        var remarks = new List<string>
        {
            $"The next run reads from {UtcText.Of(time.AddSeconds(-window.LookbackSeconds))} on (the overlap included).",
            Known(old.KnownFrom),
        };
        if (second < window.BackfillFrom)
        {
            remarks.Insert(0, $"That is before the source's start ({UtcText.Of(window.BackfillFrom)}), which moves with it.");
        }

        var moved = window with
        {
            Watermark = second,
            BackfillFrom = Math.Min(window.BackfillFrom, Math.Max(second, 1)),
            // A gap that was accepted is read again when it is later than the new position. The others stay until they are read.
            Suspects = [.. window.Suspects.Where(s => !s.Accepted || s.From <= second).Select(s => s.Accepted ? s with { To = Math.Min(s.To, second) } : s)],
        };
        return new(old with { Window = moved, Sweep = old.Sweep with { Run = null } }, UtcText.Of(time), remarks);
    }

    private static MovedCheckpoint ToCursor(Checkpoint old, CursorPosition position, string after)
    {
        var moved = position with
        {
            After = after,
            IsGiven = true,
            Last = null,
            NotMet = null,
            At = null,
            Floor = 0,
            Days = DaysOf(position),
            UndatedSince = null,
            UndatedTo = null,
            HeadReadTo = null,
        };
        return new(
            old with { Cursor = moved, Sweep = old.Sweep with { Run = null } },
            "the given cursor",
            [
                "The cursor was not tried: if the vendor refuses it, the next run resumes from an earlier one, and logs it.",
                Known(old.KnownFrom),
            ]);
    }

    /// <summary>With the position itself, to go back to; but once, and only with a time: a sweep would begin at it.</summary>
    private static IReadOnlyList<DayCursor> DaysOf(CursorPosition position) =>
        (position.At is null && position.After is not null) || (position.Days is [var newest, ..] && newest.After == position.After)
            ? position.Days
            : [new DayCursor(position.After, position.At ?? 0, position.Floor), .. position.Days];
}
