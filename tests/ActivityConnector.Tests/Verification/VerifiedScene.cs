using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityConnector.Simulation;
using ActivityConnector.Tests.EndToEnd;
using Microsoft.Data.Sqlite;

namespace ActivityConnector.Tests.Verification;

/// <summary>Both vendors, a journal that holds what they showed, and hands that take a part away or add one.</summary>
internal sealed class VerifiedScene(Scene scene) : IAsyncDisposable
{
    private const string SequenceAccount = "bb0e8400-e29b-41d4-a716-446655440006";

    public Scene Scene => scene;

    public DateTimeOffset Now => scene.Clock.GetUtcNow();

    /// <summary>With a few hundred records of a month at each vendor, all of them collected.</summary>
    public static async Task<VerifiedScene> OpenAsync(Func<SimulatorOptions, SimulatorOptions>? change = null, Action<Scene>? settings = null)
    {
        var scene = await Scene.OpenAsync(o => (change ?? (same => same))(
            o with { Intercom = o.Intercom with { Records = 400 }, Sequence = o.Sequence with { Records = 400 } }));
        settings?.Invoke(scene);
        var verified = new VerifiedScene(scene);
        await verified.CollectAsync();
        return verified;
    }

    public async Task CollectAsync()
    {
        var (exitCode, _, errors) = await scene.RunAsync("run", "--once");
        Assert.True(exitCode == 0, errors);
    }

    /// <summary>Reads the hours around a time again, which finds what was appended or changed there.</summary>
    public async Task SweepAsync(string source, DateTimeOffset around)
    {
        var (exitCode, _, errors) = await scene.RunAsync(
            "sweep", "--source", source, "--from", $"{around.AddHours(-2):O}", "--to", $"{around.AddHours(4):O}", "--here");
        Assert.True(exitCode == 0, errors);
    }

    /// <summary>Another record of a vendor, which it shows from now on.</summary>
    /// <returns>The id of its document.</returns>
    public string Append(string vendor, string id, DateTimeOffset at, string text = "first")
    {
        if (vendor == "intercom") scene.Vendors.Intercom.Append(IntercomRecord(id, at, text), at);
        else scene.Vendors.Sequence.Append(SequenceRecord(id, at, text), at);

        return DocumentId(vendor, id);
    }

    /// <summary>As <see cref="Append"/>, but the record does not say when it happened.</summary>
    public string AppendUndated(string vendor, string id, DateTimeOffset at)
    {
        if (vendor == "intercom") scene.Vendors.Intercom.Append(IntercomRecord(id, at, "first").Replace("created_at", "no_time", StringComparison.Ordinal), at);
        else scene.Vendors.Sequence.Append(SequenceRecord(id, at, "first").Replace("createdAt", "noTime", StringComparison.Ordinal), at);

        return DocumentId(vendor, id);
    }

    /// <summary>The record says something else from now on.</summary>
    public void Change(string vendor, string id, DateTimeOffset at, string text) => Assert.True(vendor == "intercom"
        ? scene.Vendors.Intercom.Replace(id, IntercomRecord(id, at, text))
        : scene.Vendors.Sequence.Replace(id, SequenceRecord(id, at, text)));

    public string DocumentId(string vendor, string id)
    {
        var tenant = vendor == "intercom" ? scene.Vendors.Intercom.Options.Workspace : SequenceAccount;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"v1\n{vendor}.audit\n{tenant}\n{id}")))[..40];
    }

    /// <summary>The report of a source, and the exit code.</summary>
    public async Task<(int ExitCode, JsonElement Source)> VerifyAsync(string source, params string[] arguments)
    {
        var (exitCode, output, errors) = await scene.RunAsync(["verify", "--source", source, "-o", "json", .. arguments]);
        Assert.True(output.Length > 0, errors);
        return (exitCode, JsonDocument.Parse(output).RootElement.GetProperty("sources")[0]);
    }

    /// <summary>As a person with a sqlite3 shell would.</summary>
    public void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = scene.JournalPath, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, sql);
    }

    public ValueTask DisposeAsync() => scene.DisposeAsync();

    /// <summary>Kind and document id of each difference.</summary>
    public static IEnumerable<(string Kind, string Id)> Differences(JsonElement source) =>
        source.GetProperty("differences").EnumerateArray().Select(d => (d.GetProperty("kind").GetString()!, d.GetProperty("id").GetString()!));

    /// <summary>How many events are explained by each reason.</summary>
    public static Dictionary<string, long> Explained(JsonElement source) =>
        source.GetProperty("explained").EnumerateArray().ToDictionary(e => e.GetProperty("name").GetString()!, e => e.GetProperty("count").GetInt64());

    public static long Sum(JsonElement source, string column) => source.GetProperty("days").EnumerateArray().Sum(d => d.GetProperty(column).GetInt64());

    private static string IntercomRecord(string id, DateTimeOffset at, string text) =>
        $$"""{"id":"{{id}}","performed_by":{"type":"admin","id":"1"},"created_at":{{at.ToUnixTimeSeconds()}}"""
        + $$""","activity_type":"app_name_change","activity_description":"{{text}}"}""";

    private static string SequenceRecord(string id, DateTimeOffset at, string text) =>
        $$$"""
        {"id":"{{{id}}}","sequenceAccountId":"{{{SequenceAccount}}}","activityType":"NOTIFICATION","origin":"API",
        "createdAt":"{{{at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)}}}",
        "activityLogItems":[{"id":"{{{id}}}","verb":"CREATED","summary":"{{{text}}}",
        """
        + """
        "activityLogActor":{"id":"a","entityType":"USER"},"activityLogObject":{"id":"o","entityType":"INVOICE"}}]}
        """;
}
