using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityConnector.Dashboards;
using ActivityConnector.Tests.Commands;

namespace ActivityConnector.Tests.Dashboards;

/// <summary>The command line before a stand-in, with a few objects beside its configuration file.</summary>
internal sealed class DashboardsScene : IAsyncDisposable
{
    private const string View = """
        {"id":"view","type":"index-pattern","typeMigrationVersion":"8.0.0","references":[],
         "attributes":{"title":"logs-intercom.audit*,logs-sequence.audit*","name":"Audit logs","timeFieldName":"@timestamp"}}
        """;

    private const string Search = """
        {"id":"found","type":"search","references":[{"name":"i","type":"index-pattern","id":"view"}],
         "attributes":{"title":"Sign-ins","columns":["user.name"],"kibanaSavedObjectMeta":{"searchSourceJSON":
         "{\"query\":{\"query\":\"event.action: x\",\"language\":\"kuery\"},\"filter\":[],\"indexRefName\":\"i\"}"}}}
        """;

    private const string Board = """
        {"id":"board","type":"dashboard",
         "references":[{"name":"panel_1","type":"search","id":"found"},{"name":"i","type":"index-pattern","id":"view"}],
         "attributes":{"title":"Overview","timeRestore":false,"panelsJSON":
         "[{\"type\":\"search\",\"panelIndex\":\"1\",\"gridData\":{\"x\":0,\"y\":0,\"w\":48,\"h\":15,\"i\":\"1\"},\"panelRefName\":\"panel_1\"}]"}}
        """;

    private const string Query = """
        {"rule_id":"r-query","type":"query","name":"Exports","description":"Data left.","severity":"high","risk_score":73,"language":"kuery",
         "query":"event.action:bulk_export","index":["logs-intercom.audit*"],"interval":"5m","from":"now-40m","enabled":false,"version":1,
         "tags":["Intercom"],"threat":[{"framework":"MITRE ATT&CK",
         "tactic":{"id":"TA0010","name":"Exfiltration","reference":"https://attack.mitre.org/tactics/TA0010/"},
         "technique":[{"id":"T1567","name":"Exfiltration Over Web Service","reference":"https://attack.mitre.org/techniques/T1567/"}]}]}
        """;

    private const string Threshold = """
        {"rule_id":"r-threshold","type":"threshold","name":"Guessing","description":"Many failures.","severity":"medium","risk_score":47,
         "language":"kuery","query":"event.action:admin_login_failure","index":["logs-intercom.audit*"],
         "threshold":{"field":["user.name"],"value":10},"alert_suppression":{"duration":{"value":1,"unit":"h"}},"enabled":false,"version":1}
        """;

    private const string Esql = """
        {"rule_id":"r-esql","type":"esql","name":"Spray","description":"One address.","severity":"high","risk_score":73,"language":"esql",
         "query":"FROM logs-intercom.audit*, logs-sequence.audit*\n| WHERE event.action == \"admin_login_failure\"","enabled":false,"version":1}
        """;

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _folder;

    private DashboardsScene(KibanaStandIn server, DashboardsProduct product)
    {
        (Server, _folder) = (server, product.Verb);
        Verb = ["setup", product.Verb];
        Session.Write("connector.json", "{}");
        Session.Environment["Dashboards__Url"] = server.Url;
        Write("objects.ndjson", OneLine(View), OneLine(Search), OneLine(Board));
        if (product == DashboardsProduct.Kibana) Write("detection-rules.ndjson", OneLine(Query), OneLine(Threshold), OneLine(Esql));

        Release("0.1.0");
    }

    public KibanaStandIn Server { get; }

    public Session Session { get; } = new();

    /// <summary>By name: what became of an object, and the detail.</summary>
    public IReadOnlyDictionary<string, (string Outcome, string Detail)> Rows { get; private set; } = new Dictionary<string, (string, string)>();

    private string[] Verb { get; }

    public static async Task<DashboardsScene> StartAsync(DashboardsProduct? product = null, string basePath = "") => new(
        await KibanaStandIn.StartAsync(product == DashboardsProduct.OpenSearchDashboards, basePath: basePath), product ?? DashboardsProduct.Kibana);

    /// <summary>Replaces a file of the folder.</summary>
    public void Write(string file, params string[] lines) => Session.Write($"{_folder}/{file}", string.Join('\n', lines) + "\n");

    /// <summary>Changes a text in a file of the folder, as the next version does.</summary>
    public void Change(string file, string was, string becomes)
    {
        var path = Path.Combine(Session.Folder, _folder, file);
        var text = File.ReadAllText(path);
        Assert.Contains(was, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(was, becomes, StringComparison.Ordinal));
    }

    /// <summary>What the files hold now is of this release.</summary>
    public void Release(string version)
    {
        var folder = Path.Combine(Session.Folder, _folder);
        Session.Write($"{_folder}/{ReleasedContents.FileName}", DeliveredVersions.Text(DeliveredVersions.Of(folder, version)));
    }

    /// <summary>Runs the verb; the exit code.</summary>
    public async Task<int> RunAsync(params string[] arguments)
    {
        var code = await Session.RunAsync([.. Verb, "--config", Path.Combine(Session.Folder, "connector.json"), "-o", "json", .. arguments]);
        var rows = Session.Out.Length == 0 ? [] : JsonNode.Parse(Session.Out)!.AsArray();
        Rows = rows.ToDictionary(row => (string)row!["name"]!, row => ((string)row!["outcome"]!, (string?)row["detail"] ?? ""));
        return code;
    }

    /// <summary>Runs it, and it ends well.</summary>
    public async Task ExpectAsync(params string[] arguments)
    {
        var code = await RunAsync(arguments);
        Assert.True(code == 0, $"{code}\n{Session.Out}{Session.Error}");
    }

    public void AssertAll(string outcome) => Assert.All(Rows.Values, row => Assert.Equal(outcome, row.Outcome));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Session.Dispose();
    }

    private static string OneLine(string json) => JsonNode.Parse(json)!.ToJsonString(AsWritten);
}
