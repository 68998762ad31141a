using ActivityConnector.Dashboards;
using ActivityConnector.Sinks.Elasticsearch;

namespace ActivityConnector.Configuration;

/// <summary>The rules of the section <c>Dashboards</c>; they hold only where it is on.</summary>
internal sealed class DashboardsRules(string workingDirectory, ICollection<ConfigurationProblem> problems)
{
    public void Check(DashboardsOptions options, ElasticsearchOptions elasticsearch)
    {
        var rules = new ServerLoginRules("Dashboards", workingDirectory, problems);
        rules.CheckAddress(
            "Url",
            options.Url!,
            options.ServerBeside(elasticsearch),
            "It is not the address of Kibana or OpenSearch Dashboards.",
            "Write it as https://host:5601, with the base path if there is one.");

        rules.CheckLogin(options.ServerBeside(new ElasticsearchOptions()));

        // Where the other section is on, it is checked there.
        if (!elasticsearch.IsOn) new ServerLoginRules("Elasticsearch", workingDirectory, problems).CheckLogin(elasticsearch);
    }
}
