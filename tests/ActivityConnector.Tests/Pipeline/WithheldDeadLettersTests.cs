using ActivityConnector.Pipeline;
using ActivityConnector.Tests.Journals;
using ActivityConnector.Tests.Shared;
using ActivityConnector.Transforms;

namespace ActivityConnector.Tests.Pipeline;

/// <summary>The text of a broken part of a page can hold any value: no field of it has a name by which a rule could hide it.</summary>
public sealed class WithheldDeadLettersTests
{
    [Theory]
    [InlineData(PrivacyAction.Keep, 15)]
    [InlineData(PrivacyAction.Drop, 0)]
    [InlineData(PrivacyAction.Hash, 0)]
    public async Task A_broken_part_of_a_page_is_kept_without_its_text_where_a_rule_hides_values(PrivacyAction action, int bodyBytes)
    {
        var rules = new PrivacyRules(new Dictionary<string, PrivacyAction> { ["user.email"] = action }, new byte[16]);
        var transform = Golden.Vendors.Transform("intercom", Golden.Vendors.Settings("intercom") with { Privacy = rules });
        await using var journal = new SimulatedJournal(new SimulatedDisk(), CrashPlan.None);
        await using var writer = await journal.OpenWriterAsync(new SourceKey("intercom", "abc123"), CancellationToken.None);
        using var prepared = new PreparedBatch(transform, () => journal.MaxEventBytes, new ManualTimeProvider());
        using var batch = new ActivityBatch([], [])
        {
            Position = new WindowPosition { Watermark = 0, SpanSeconds = 1, LookbackSeconds = 1, SettleSeconds = 1, BackfillFrom = 0 },
            NeedsCommit = true,
            DeadLetters =
            [
                new DeadLetter
                {
                    Id = new string('0', 40), Stage = DeadLetterStage.Page, Reason = "It is cut off.", Origin = "page", At = DateTimeOffset.UnixEpoch,
                    Body = "{\"jane@x.org\":1"u8.ToArray(), OriginalLength = 15,
                },
            ],
        };

        await prepared.PrepareAsync(writer, batch, DateTimeOffset.UnixEpoch, CancellationToken.None);

        var letter = Assert.Single(prepared.DeadLetters);
        Assert.Equal((bodyBytes, 15), (letter.Body.Length, letter.OriginalLength));
        Assert.StartsWith("It is cut off.", letter.Reason, StringComparison.Ordinal);
        Assert.Equal(bodyBytes == 0, letter.Reason.EndsWith("Its text is withheld, because of a privacy rule.", StringComparison.Ordinal));
    }
}
