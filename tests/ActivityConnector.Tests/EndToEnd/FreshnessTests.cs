using ActivityConnector.Tests.Verification;

namespace ActivityConnector.Tests.EndToEnd;

/// <summary>A vendor that answers and gives nothing new, or nothing at all, is noticed by the next poll; a quiet one that may be quiet is well.</summary>
public sealed class FreshnessTests
{
    [Theory]
    [InlineData("intercom", "Intercom")]
    [InlineData("sequence", "Sequence")]
    public async Task A_feed_that_stands_still_is_unhealthy_only_where_activity_is_expected_and_well_again_with_the_next_event(string vendor, string section)
    {
        // The vendors' newest record is twenty minutes old.
        await using var verified = await VerifiedScene.OpenAsync();
        var (exitCode, _, errors) = await verified.Scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);

        verified.Scene.Settings[$"Sources__{section}__ExpectActivityWithin"] = "00:15:00";
        (exitCode, _, errors) = await verified.Scene.RunAsync("run", "--once");
        Assert.Equal(1, exitCode);
        Assert.Contains($"{vendor}: quiet: The newest event is of ", errors, StringComparison.Ordinal);
        Assert.Contains("although one is expected within 00:15:00", errors, StringComparison.Ordinal);

        verified.Append(vendor, "again", verified.Now.AddMinutes(-3));
        (exitCode, _, errors) = await verified.Scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
    }

    [Theory]
    [InlineData("intercom")]
    [InlineData("sequence")]
    public async Task A_credential_that_is_revoked_is_told_by_the_next_poll_of_a_running_service(string vendor)
    {
        await using var verified = await VerifiedScene.OpenAsync();
        verified.Scene.Settings["Sources__Intercom__Schedule"] = verified.Scene.Settings["Sources__Sequence__Schedule"] = "0/2 * * * * ?";
        await using var connector = verified.Scene.Start("run");
        await connector.SeenAsync("is owned by this process", times: 2);

        if (vendor == "intercom") verified.Scene.Vendors.Intercom.RotateAccessToken();
        else verified.Scene.Vendors.Sequence.RotateClientSecret();

        await connector.SeenAsync($"error {vendor}: ");
    }
}
