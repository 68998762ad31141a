using Confluent.Kafka;

namespace ActivityConnector.Journals.Kafka;

/// <summary>The native library under Confluent.Kafka.</summary>
internal static class Librdkafka
{
    /// <summary>The version of the one that this process uses; null where there is none for this system.</summary>
    public static string? Version
    {
        get
        {
            try
            {
                return Library.VersionString;
            }
            catch (Exception e) when (e is DllNotFoundException or FileLoadException)
            {
                return null;
            }
        }
    }
}
