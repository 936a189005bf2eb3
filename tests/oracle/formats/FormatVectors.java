/*
 * What the formats of real Flink make of messages. Reads a script from standard input and writes it back with the results.
 *
 *   @format NAME, @option KEY=VALUE, @columns COLUMNS, @metadata KEY,KEY   the table
 *   > TEXT | > hex:BYTES | > NULL                                         a message to be read; \\n in TEXT is a line end
 *   < +I JSON                                                             a row to be written
 *   = RESULT                                                              a row as changelog-json, a message (avro, raw: hex), ERROR why
 */
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.flink.api.common.serialization.*;
import org.apache.flink.configuration.*;
import org.apache.flink.table.connector.format.*;
import org.apache.flink.table.connector.source.*;
import org.apache.flink.table.connector.sink.*;
import org.apache.flink.table.data.*;
import org.apache.flink.table.factories.*;
import org.apache.flink.table.runtime.connector.source.*;
import org.apache.flink.table.runtime.connector.sink.*;
import org.apache.flink.table.data.conversion.*;
import org.apache.flink.table.types.*;
import org.apache.flink.table.types.logical.*;
import org.apache.flink.table.types.logical.utils.*;
import org.apache.flink.table.types.utils.*;
import org.apache.flink.types.*;
import org.apache.flink.util.*;

public class FormatVectors {
    static String cause(Throwable t) { while (t.getCause() != null) t = t.getCause(); return t.getClass().getSimpleName() + ": " + String.valueOf(t.getMessage()).split("\n")[0]; }
    static byte[] bytes(String s) { if (s.equals("NULL")) return null; if (s.startsWith("hex:")) return HexFormat.of().parseHex(s.substring(4)); return s.replace("\\n","\n").getBytes(StandardCharsets.UTF_8); }
    static String show(byte[] b, boolean hex) { return b == null ? "NULL" : hex ? "hex:" + HexFormat.of().formatHex(b) : new String(b, StandardCharsets.UTF_8); }
    public static void main(String[] a) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        Map<String, DecodingFormatFactory> dec = new HashMap<>(); Map<String, EncodingFormatFactory> enc = new HashMap<>();
        for (Factory f : ServiceLoader.load(Factory.class)) { if (f instanceof DeserializationFormatFactory) dec.put(f.factoryIdentifier(), (DecodingFormatFactory) f); if (f instanceof SerializationFormatFactory) enc.put(f.factoryIdentifier(), (EncodingFormatFactory) f); }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line; String fmt = "json"; Map<String,String> opts = new HashMap<>(); String ddl = ""; List<String> meta = new ArrayList<>();
        DeserializationSchema<RowData> d = null; SerializationSchema<RowData> s = null; DataType out = null; DataType phys = null; SerializationSchema<RowData> js = null; boolean hex = false;
        while ((line = in.readLine()) != null) {
            if (line.isEmpty() || line.startsWith("#")) { System.out.println(line); continue; }
            System.out.println(line);
            try {
                if (line.startsWith("@format ")) { fmt = line.substring(8); opts = new HashMap<>(); meta = new ArrayList<>(); d = null; s = null; js = null; hex = fmt.startsWith("avro") || fmt.equals("raw"); continue; }
                if (line.startsWith("@option ")) { String[] kv = line.substring(8).split("=", 2); opts.put(kv[0], kv[1]); d = null; s = null; js = null; continue; }
                if (line.startsWith("@columns ")) { ddl = line.substring(9); d = null; s = null; js = null; continue; }
                if (line.startsWith("@metadata ")) { meta = Arrays.asList(line.substring(10).split(",")); d = null; js = null; continue; }
                phys = TypeConversions.fromLogicalToDataType(LogicalTypeParser.parse("ROW<" + ddl + "> NOT NULL", FormatVectors.class.getClassLoader()));
                if (line.startsWith("< ")) { // encode from json row
                    if (s == null) { EncodingFormat<SerializationSchema<RowData>> ef = enc.get(fmt).createEncodingFormat(null, Configuration.fromMap(opts)); s = ef.createRuntimeEncoder(new SinkRuntimeProviderContext(false), phys); s.open(null); }
                    DeserializationSchema<RowData> jd = (DeserializationSchema<RowData>) ((DecodingFormat) dec.get("json").createDecodingFormat(null, new Configuration())).createRuntimeDecoder(ScanRuntimeProviderContext.INSTANCE, phys);
                    jd.open(null);
                    RowData r = jd.deserialize(bytes(line.substring(5)));
                    r.setRowKind(line.substring(2,4).equals("+I") ? RowKind.INSERT : line.substring(2,4).equals("-U") ? RowKind.UPDATE_BEFORE : line.substring(2,4).equals("+U") ? RowKind.UPDATE_AFTER : RowKind.DELETE);
                    System.out.println("= " + show(s.serialize(r), hex));
                    continue;
                }
                if (line.startsWith("> ")) {
                    if (d == null) {
                        DecodingFormat<DeserializationSchema<RowData>> df = dec.get(fmt).createDecodingFormat(null, Configuration.fromMap(opts));
                        out = phys;
                        if (!meta.isEmpty()) { Map<String, DataType> m = df.listReadableMetadata(); df.applyReadableMetadata(meta); List<org.apache.flink.table.api.DataTypes.Field> fs = new ArrayList<>(); for (String k : meta) fs.add(org.apache.flink.table.api.DataTypes.FIELD(k, m.get(k))); out = DataTypeUtils.appendRowFields(phys, fs); }
                        d = df.createRuntimeDecoder(ScanRuntimeProviderContext.INSTANCE, phys);
                        d.open(null);
                    }
                    if (js == null) { js = ((EncodingFormat<SerializationSchema<RowData>>) enc.get("json").createEncodingFormat(null, Configuration.fromMap(Map.of("encode.decimal-as-plain-number", "true", "map-null-key.mode", "LITERAL")))).createRuntimeEncoder(new SinkRuntimeProviderContext(false), out); js.open(null); }
                    final SerializationSchema<RowData> j = js;
                    d.deserialize(bytes(line.substring(2)), new Collector<RowData>() { public void collect(RowData r) { if (r != null) { RowKind k = r.getRowKind(); r.setRowKind(RowKind.INSERT); System.out.println("= {\"op\":\"" + k.shortString() + "\",\"data\":" + new String(j.serialize(r), StandardCharsets.UTF_8) + "}"); r.setRowKind(k); } } public void close() {} });
                }
            } catch (Throwable t) { System.out.println("= ERROR " + cause(t)); if (System.getenv("TRACE") != null) t.printStackTrace(System.out); }
        }
    }
}
