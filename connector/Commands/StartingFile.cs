using ActivityConnector.Vendors;

namespace ActivityConnector.Commands;

/// <summary>A configuration file with comments, for an operator who begins. It is valid once the secrets that it names are there.</summary>
internal static class StartingFile
{
    private const string Sqlite = """
          "Journal": {
            // One file on a local disk, never NFS or SMB. A relative path starts from the folder of this file. Without it: data/journal.db in the
            // working directory.
            // "Path": "/var/lib/activity-connector/journal.db",

            // How long events are kept after their commit.
            "Retention": "30d",
          },
        """;

    private const string Kafka = """
          "Journal": {
            "Kind": "Kafka",

            // How long events are kept: retention.ms of the topics.
            "Retention": "30d",
          },
          "Kafka": {
            // host:port with commas between.
            "BootstrapServers": "kafka-1:9093,kafka-2:9093",
            "TopicPrefix": "activity",
            "Security": {
              // plaintext, ssl, sasl_plaintext or sasl_ssl. The password as the environment variable Kafka__Security__Password, or as a file.
              "Protocol": "sasl_ssl",
              "Mechanism": "SCRAM-SHA-512",
              "Username": "connector",
              // "PasswordFile": "/run/secrets/kafka",
            },
          },
        """;

    private const string Elasticsearch = """
          "Elasticsearch": {
            "Urls": ["https://localhost:9200"],

            // The API key as the environment variable Elasticsearch__ApiKey, or as a file:
            // "ApiKeyFile": "/run/secrets/elasticsearch",

            // The authority of the server's certificate, where the system does not know it:
            // "CaFile": "/etc/ssl/elasticsearch-ca.pem",

            // month: an index for each month; datastream: a data stream.
            "Mode": "month",
          },
        """;

    /// <summary>The lines of the file.</summary>
    public static IEnumerable<string> Lines(IEnumerable<Vendor> sources, bool withElasticsearch, bool inKafka)
    {
        var parts = new List<string>
        {
            """
            // Configuration of Activity Connector. Comments, and commas before a closing bracket, are allowed.
            // Every option with its default: config/connector.json beside the program, and 'config show'. Check this file with 'validate --config FILE'.
            // The same option in the environment, which wins over this file: Sources__Intercom__PageSize. On the command line, which wins over both:
            // --set Sources:Intercom:PageSize=50.
            {
              "Sources": {
            """,
        };
        parts.AddRange(sources.Select(vendor => vendor.StartingSection));
        parts.Add("  },");
        parts.Add(inKafka ? Kafka : Sqlite);
        if (withElasticsearch) parts.Add(Elasticsearch);

        parts.Add("}");
        return parts.SelectMany(part => part.ReplaceLineEndings("\n").Split('\n'));
    }
}
